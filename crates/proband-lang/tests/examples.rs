//! Every example of the language's reference is read and checked, and gives no message.

use proband_diag::{Disk, Faults, Sources, Style};
use proband_lang::{Model, open_model};

const FOLDER: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/language/examples");

fn opened(name: &str) -> (Option<Model>, String) {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let model = open_model(&format!("{FOLDER}/{name}"), &Disk, &mut sources, &mut faults);
    (model, faults.render(&sources, Style::Short).replace(FOLDER, ""))
}

#[test]
fn every_example_is_a_model_without_a_message() {
    let mut names: Vec<String> = std::fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 32);
    let mut messages = String::new();
    for name in names {
        let (model, faults) = opened(&name);
        messages += &faults;
        if model.is_none() {
            messages += &format!("{name}: no model\n");
        }
    }
    assert_eq!(messages, "");
}
