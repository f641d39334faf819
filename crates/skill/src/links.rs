//! Where symbolic links lead, judged without following any.

use std::collections::HashMap;

/// Where a link inside an artifact leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Leads {
    /// To this path inside; nothing need be there.
    Inside(String),
    /// Out of the artifact.
    Outside,
    /// Round in a circle.
    Nowhere,
}

/// Follows `path` through the artifact's own links as a kernel would, at most 40 of them.
///
/// Reading the target alone would not do: `a/up -> ../..` is judged by its text, but
/// `b -> a/up/x` leads where `a/up` leads.
pub(crate) fn resolve(path: &str, links: &HashMap<&str, &str>) -> Leads {
    let mut at: Vec<&str> = Vec::new();
    let mut rest: Vec<&str> = path.rsplit('/').collect();
    let mut followed = 0;
    while let Some(part) = rest.pop() {
        match part {
            "" | "." => continue,
            ".." => {
                if at.pop().is_none() {
                    return Leads::Outside;
                }
                continue;
            }
            _ => at.push(part),
        }
        let Some(target) = links.get(at.join("/").as_str()) else {
            continue;
        };
        if target.starts_with('/') {
            return Leads::Outside;
        }
        followed += 1;
        if followed > 40 {
            return Leads::Nowhere;
        }
        at.pop();
        rest.extend(target.rsplit('/'));
    }
    Leads::Inside(at.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(links: &[(&'static str, &'static str)]) -> Leads {
        resolve(links[0].0, &links.iter().copied().collect())
    }

    #[test]
    fn a_relative_link_leads_inside() {
        assert_eq!(lead(&[("a/b", "../c/d")]), Leads::Inside("c/d".into()));
    }

    #[test]
    fn absolute_and_climbing_links_lead_outside() {
        assert_eq!(lead(&[("a", "/etc/passwd")]), Leads::Outside);
        assert_eq!(lead(&[("a/b", "../../etc")]), Leads::Outside);
    }

    #[test]
    fn a_link_through_a_link_leads_where_both_lead() {
        let links = [("out", "a/b/up/../x"), ("a/b/up", "../..")];
        assert_eq!(lead(&links), Leads::Outside);
    }

    #[test]
    fn a_loop_leads_nowhere() {
        assert_eq!(lead(&[("a", "b"), ("b", "a")]), Leads::Nowhere);
        assert_eq!(lead(&[("a", "a/a/a/a")]), Leads::Nowhere);
    }
}
