//! Every planted mistake gives its one message, at its place.

use proband_diag::{Diagnostic, Disk, Faults, Fragment, Sources};
use proband_lang::parse_model;

const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/language");

/// `code | line:column | message | help` of each fault.
fn shown(fault: &Diagnostic, sources: &Sources) -> String {
    let place = fault.span.map_or_else(String::new, |span| {
        let place = sources.place(span);
        format!("{}:{}", place.line, place.column)
    });
    let help = fault.help.clone().unwrap_or_default();
    format!("{} | {place} | {} | {help}", fault.code.name(), fault.message)
}

fn messages(file: &str, text: &str) -> String {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let path = format!("{SUITE}/examples/{file}");
    let source = sources.add(&path, text);
    let fragment = Fragment::whole(source, text);
    let model = parse_model(fragment, &path, &Disk, &mut sources, &mut faults);
    assert_eq!(model.is_none(), faults.has_errors(), "{file}: no model means an error");
    let shown: Vec<String> = faults.sorted().iter().map(|f| shown(f, &sources)).collect();
    shown.join("\n")
}

#[test]
fn every_planted_mistake_gives_its_message() {
    let table = std::fs::read_to_string(format!("{SUITE}/mistakes.tsv")).unwrap();
    let mut wrong = String::new();
    let mut count = 0;
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [file, replace, by, code, at, message, help, mistake] = fields[..] else {
            panic!("eight columns: {line}");
        };
        let text = std::fs::read_to_string(format!("{SUITE}/examples/{file}")).unwrap();
        let replace = replace.replace("\\n", "\n");
        assert!(text.contains(&replace), "{file} has `{replace}`");
        let text = text.replacen(&replace, &by.replace("\\n", "\n"), 1);
        let expected = format!("{code} | {at} | {message} | {help}");
        let found = messages(file, &text);
        if found != expected {
            wrong += &format!("\n{file}: {mistake}\n  expected {expected}\n  found    {found}");
        }
        count += 1;
    }
    assert_eq!(wrong, "");
    assert!(count >= 61, "{count} mistakes");
}
