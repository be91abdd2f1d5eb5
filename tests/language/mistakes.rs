//! Every planted mistake gives its one message, at its place.

use crate::cases::{examples, open, read};
use proband_diag::InMemory;

/// One line of a file of mistakes.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// The example that is edited and opened; `a.model < b.model` edits `b` and opens `a`.
    file: String,
    replace: String,
    by: String,
    pub(crate) code: String,
    at: String,
    message: String,
    help: String,
    name: String,
}

/// All mistakes of a file of the suite.
pub(crate) fn mistakes(path: &str) -> Vec<Mistake> {
    let text = read(path);
    let lines = text.lines().skip(1).filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.map(|line| mistake(line).unwrap_or_else(|| panic!("eight fields: {line}"))).collect()
}

fn mistake(line: &str) -> Option<Mistake> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [file, replace, by, code, at, message, help, name] = fields[..] else { return None };
    let [replace, by] = [replace, by].map(|text| text.replace("\\n", "\n"));
    let [file, code, at, message, help, name] =
        [file, code, at, message, help, name].map(str::to_owned);
    Some(Mistake { file, replace, by, code, at, message, help, name })
}

/// What is wrong with the message that a mistake gives, if anything.
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
    let found = outcome.lines(opened);
    let wanted =
        format!("{}\t{}\t{}\t{}", mistake.code, mistake.at, mistake.message, mistake.help);
    (found != wanted).then(|| {
        let show = |text: &str| text.replace('\n', "\n          ");
        format!("{}\n  wanted: {wanted}\n  found:  {}", mistake.name, show(&found))
    })
}

fn every_mistake_of(path: &str) {
    let examples = examples();
    let mistakes = mistakes(path);
    let complaints: Vec<String> =
        mistakes.iter().filter_map(|mistake| complaint(mistake, &examples)).collect();
    let (wrong, all) = (complaints.len(), mistakes.len());
    assert!(wrong == 0, "{wrong} of {all} are wrong:\n\n{}", complaints.join("\n\n"));
}

#[test]
fn every_planted_mistake_gives_its_message() {
    every_mistake_of("tests/suite/language/mistakes.tsv");
}

#[test]
fn every_further_mistake_gives_its_message() {
    every_mistake_of("tests/suite/language/more-mistakes.tsv");
}
