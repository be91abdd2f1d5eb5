use super::{Node, read_document};
use proband_diag::{Faults, Sources};

fn read(text: &str) -> (Node, Faults, Sources) {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let source = sources.add("t.toml", text);
    let node = read_document(source, text, &mut faults);
    (node, faults, sources)
}

/// The text of the file under the part of a string value that reads `part`.
fn under(document: &str, part: &str) -> String {
    let (root, faults, sources) = read(document);
    assert!(faults.is_empty(), "{}", faults.render(&sources, proband_diag::Style::Short));
    let text = root.get("a").and_then(|entry| entry.node.as_text()).expect("a string");
    let start = text.text.find(part).expect("the part");
    sources.slice(text.span(start..start + part.len())).to_owned()
}

#[test]
fn parts_of_strings_are_found_in_the_file() {
    assert_eq!(under(r#"a = "one two""#, "two"), "two");
    assert_eq!(under("a = 'one two'", "two"), "two");
    assert_eq!(under(r#"a = "say \"one\" two""#, "two"), "two");
    assert_eq!(under(r#"a = "say \"one\" two""#, "\"one\""), r#"\"one\""#);
    assert_eq!(under(r#"a = "m\u00fcde two""#, "two"), "two");
    assert_eq!(under("a = '''\none\ntwo'''", "two"), "two");
    assert_eq!(under("a = \"\"\"\none \\\n   two\"\"\"", "two"), "two");
    assert_eq!(under("a = \"\"\"\r\none\\t\r\ntwo\"\"\"", "two"), "two");
}

#[test]
fn several_syntax_faults_are_told_at_once() {
    let (_, faults, sources) = read("a = \nb = 1\nc = [1,\nd = }\n");
    let lines: Vec<usize> = faults
        .sorted()
        .iter()
        .map(|fault| sources.place(fault.span.expect("a place")).line)
        .collect();
    assert!(lines.len() >= 2 && lines[0] == 1, "{lines:?}");
}

#[test]
fn what_is_sound_is_read_past_a_fault() {
    let (root, faults, _) = read("a = \nb = 1\n");
    assert_eq!(faults.len(), 1);
    assert!(root.get("b").is_some());
}

#[test]
fn items_of_arrays_of_tables_have_their_headers() {
    let (root, _, sources) = read("[[e]]\nx = 1\n\n[[e]]\nx = 2\n");
    let super::Value::List(items) = &root.get("e").expect("e").node.value else {
        panic!("a list")
    };
    let lines: Vec<usize> = items.iter().map(|item| sources.place(item.span).line).collect();
    assert_eq!(lines, [1, 4]);
}
