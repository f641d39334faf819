//! JSON Schemas of what is read and written, from the types.

use schemars::{JsonSchema, schema_for};

use super::Files;

pub(super) fn add(files: &mut Files) -> anyhow::Result<()> {
    one::<finding::Report>("report", files)?;
    one::<report::json::Document<'_>>("document", files)?;
    one::<capability::CapabilitySet>("capability-set", files)?;
    one::<capability::Grant>("grant", files)?;
    one::<capability::SignedGrant>("signed-grant", files)
}

fn one<T: JsonSchema>(name: &str, files: &mut Files) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(&schema_for!(T))?;
    text.push('\n');
    files.insert(
        format!("docs/src/reference/schemas/{name}.json").into(),
        text.into_bytes(),
    );
    Ok(())
}
