//! `proband explain`.

use super::Done;
use crate::arguments::Format;
use crate::console::Console;
use crate::print;
use proband::{Explanation, catalogue};
use serde_json::{Value, json};

pub(crate) fn explain(code: Option<&str>, format: Format, console: &mut Console<'_>) -> Done {
    match (code, format) {
        (Some(code), Format::Text) => {
            let entry = proband::explain(code)?;
            writeln!(
                console.out,
                "{}\n\n{}\n{}",
                entry.code.name(),
                entry.meaning,
                entry.remedy
            )?;
        }
        (Some(code), Format::Json) => {
            print::object_of(&value(proband::explain(code)?), console)?;
        }
        (None, Format::Text) => {
            let row = |entry: &Explanation| {
                vec![entry.code.name().to_owned(), entry.meaning.to_owned()]
            };
            let rows = catalogue().iter().map(row).collect();
            print::document(vec![print::table(&["code", "meaning"], rows)], console)?;
        }
        (None, Format::Json) => {
            let codes: Vec<Value> = catalogue().iter().map(value).collect();
            print::object_of(&json!({ "codes": codes }), console)?;
        }
    }
    Ok(())
}

fn value(entry: &Explanation) -> Value {
    json!({ "code": entry.code.name(), "meaning": entry.meaning, "remedy": entry.remedy })
}
