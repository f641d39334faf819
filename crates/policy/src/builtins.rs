//! Which builtins a policy may call.
//!
//! The engine answers some it does not implement with "undefined" (`http.send`), which in a policy
//! reads as "no objection". So every call is checked against this list when a policy is loaded.

/// What may be called: pure, deterministic, and bounded by the size of what it is given.
///
/// Sorted. A test holds it against the engine's own table, so that an upgrade of the engine
/// cannot add or take away one unseen.
pub(crate) const ALLOWED: &[&str] = &[
    "abs",
    "array.concat",
    "array.reverse",
    "array.slice",
    "base64.decode",
    "base64.encode",
    "base64.is_valid",
    "bits.and",
    "bits.negate",
    "bits.or",
    "bits.rsh",
    "bits.xor",
    "ceil",
    "concat",
    "contains",
    "count",
    "endswith",
    "floor",
    "format_int",
    "glob.match",
    "glob.quote_meta",
    "hex.decode",
    "hex.encode",
    "indexof",
    "indexof_n",
    "intersection",
    "is_array",
    "is_boolean",
    "is_null",
    "is_number",
    "is_object",
    "is_set",
    "is_string",
    "json.filter",
    "json.is_valid",
    "json.marshal",
    "json.marshal_with_options",
    "json.remove",
    "json.unmarshal",
    "lower",
    "max",
    "min",
    "net.cidr_contains",
    "net.cidr_is_valid",
    "object.filter",
    "object.get",
    "object.keys",
    "object.remove",
    "object.subset",
    "object.union",
    "object.union_n",
    "print",
    "product",
    "regex.find_all_string_submatch_n",
    "regex.find_n",
    "regex.is_valid",
    "regex.match",
    "regex.replace",
    "regex.split",
    "regex.template_match",
    "replace",
    "round",
    "semver.compare",
    "semver.is_valid",
    "sort",
    "split",
    "sprintf",
    "startswith",
    "strings.any_prefix_match",
    "strings.any_suffix_match",
    "strings.count",
    "strings.replace_n",
    "strings.reverse",
    "substring",
    "sum",
    "time.add_date",
    "time.clock",
    "time.date",
    "time.diff",
    "time.format",
    "time.parse_duration_ns",
    "time.parse_ns",
    "time.parse_rfc3339_ns",
    "time.weekday",
    "to_number",
    "trim",
    "trim_left",
    "trim_prefix",
    "trim_right",
    "trim_space",
    "trim_suffix",
    "type_name",
    "union",
    "units.parse",
    "units.parse_bytes",
    "upper",
    "urlquery.decode",
    "urlquery.decode_object",
    "urlquery.encode",
    "urlquery.encode_object",
];

/// Why others are refused, by the beginning of their names: the cause, and what to do instead.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "__builtin_",
        "is internal to the engine",
        "write the operator or the public name instead",
    ),
    (
        "bits.lsh",
        "makes numbers of unbounded size",
        "multiply by a power of two instead",
    ),
    (
        "crypto.",
        "is not in this engine, by design",
        "compare the digests that the input carries",
    ),
    (
        "graph.",
        "is not in this engine",
        "follow the edges with rules of your own",
    ),
    (
        "http.",
        "reaches the network, and is silently undefined in this engine",
        DATA,
    ),
    (
        "io.jwt.",
        "is not in this engine",
        "verify tokens before the policy is asked",
    ),
    (
        "net.cidr_expand",
        "makes lists of unbounded size",
        "use net.cidr_contains instead",
    ),
    ("net.lookup", "reaches the network", DATA),
    (
        "numbers.range",
        "makes lists of unbounded size",
        "iterate over the input itself",
    ),
    (
        "opa.",
        "reads the environment, on which no verdict may rest",
        DATA,
    ),
    (
        "rand.",
        "gives another answer each time; a verdict must be reproducible",
        DATA,
    ),
    (
        "rego.",
        "is not in this engine",
        "leave metadata to comments",
    ),
    (
        "time.now_ns",
        "gives another answer each time; a verdict must be reproducible",
        DATA,
    ),
    (
        "trace",
        "is not recorded in this engine",
        "use print instead",
    ),
    (
        "uuid.",
        "gives another answer each time; a verdict must be reproducible",
        DATA,
    ),
    (
        "walk",
        "is not in this engine",
        "name the fields of the input that matter",
    ),
];
const DATA: &str = "put what the decision needs into a .json file of the policy";

/// Whether a policy may call it.
pub(crate) fn allowed(name: &str) -> bool {
    ALLOWED.binary_search(&name).is_ok()
}

/// Why a builtin that is not allowed is refused, and what to do instead.
pub(crate) fn refusal(name: &str) -> (&'static str, &'static str) {
    REFUSED
        .iter()
        .find(|(prefix, _, _)| name.starts_with(prefix))
        .map_or(
            (
                "is neither a builtin of this engine nor a function of this policy",
                "define it, or use a builtin of the list in the policy guide",
            ),
            |(_, why, instead)| (why, instead),
        )
}

#[cfg(test)]
mod tests {
    use regorus::unstable::BUILTINS;

    use super::*;

    #[test]
    fn every_builtin_of_the_engine_is_either_allowed_or_refused_with_a_reason() {
        let mut undecided: Vec<_> = BUILTINS
            .keys()
            .filter(|name| {
                !allowed(name) && !REFUSED.iter().any(|(prefix, ..)| name.starts_with(prefix))
            })
            .collect();
        undecided.sort();
        assert!(undecided.is_empty(), "{undecided:?}");
    }

    #[test]
    fn every_allowed_builtin_is_one_of_the_engine() {
        assert!(ALLOWED.is_sorted());
        let missing: Vec<_> = ALLOWED
            .iter()
            .filter(|n| **n != "print" && !BUILTINS.contains_key(*n))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(
            ALLOWED
                .iter()
                .all(|n| !REFUSED.iter().any(|(prefix, ..)| n.starts_with(prefix)))
        );
    }
}
