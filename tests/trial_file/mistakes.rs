//! Every planted mistake gives its message, at its place.

use crate::cases::{examples, open, read};
use proband_diag::InMemory;

/// One line of a file of mistakes.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// The example that is opened; `a.toml < b.csv` edits another file of it.
    file: String,
    replace: String,
    by: String,
    pub(crate) code: String,
    /// The faults that it must give: code, place, message and help.
    faults: Vec<String>,
    name: String,
}

/// All mistakes of a file of the suite.
pub(crate) fn mistakes(name: &str) -> Vec<Mistake> {
    let text = read(&format!("tests/suite/trial-file/{name}"));
    let mut found: Vec<Mistake> = Vec::new();
    for line in text.lines().skip(1).filter(|line| !line.is_empty() && !line.starts_with("# "))
    {
        let fields: Vec<&str> = line.split('\t').collect();
        let [file, replace, by, code, at, message, help, name] = fields[..] else {
            panic!("eight fields: {line}");
        };
        let fault = format!("{code}\t{at}\t{message}\t{help}");
        if file == "+" {
            // A further fault of the mistake before.
            found.last_mut().expect("a mistake before").faults.push(fault);
            continue;
        }
        let [replace, by] = [replace, by].map(|text| text.replace("\\n", "\n"));
        let [file, code, name] = [file, code, name].map(str::to_owned);
        found.push(Mistake { file, replace, by, code, faults: vec![fault], name });
    }
    found
}

/// What is wrong with the faults that a mistake gives, if anything. What waits for a later version is set
/// apart: the example has it without the mistake too.
fn complaint(mistake: &Mistake, examples: &InMemory) -> Option<String> {
    let (opened, edited) =
        mistake.file.split_once(" < ").unwrap_or((&mistake.file, &mistake.file));
    let mut files = examples.clone();
    let text = files.0.get_mut(edited)?;
    let count = text.matches(&mistake.replace).count();
    if count != 1 {
        return Some(format!("{}: the edit fits {count} places of {edited}", mistake.name));
    }
    *text = text.replace(&mistake.replace, &mistake.by);
    let outcome = open(opened, &files);
    let lines: Vec<String> =
        outcome.real().into_iter().map(|fault| outcome.line(fault, opened)).collect();
    let found = lines.join("\n");
    let wanted = mistake.faults.join("\n");
    (found != wanted).then(|| {
        format!(
            "{}\n  wanted: {wanted}\n  found:  {}",
            mistake.name,
            found.replace('\n', "\n          ")
        )
    })
}

fn every_mistake_of(name: &str) {
    let examples = examples();
    let mistakes = mistakes(name);
    let complaints: Vec<String> =
        mistakes.iter().filter_map(|mistake| complaint(mistake, &examples)).collect();
    let (wrong, all) = (complaints.len(), mistakes.len());
    assert!(wrong == 0, "{wrong} of {all} are wrong:\n\n{}", complaints.join("\n\n"));
}

#[test]
fn every_planted_mistake_gives_its_message() {
    every_mistake_of("mistakes.tsv");
}

#[test]
fn every_further_mistake_gives_its_message() {
    every_mistake_of("more-mistakes.tsv");
}
