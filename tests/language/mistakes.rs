//! Every planted mistake gives its one message, at its place.

use crate::cases::{examples, open, read};
use proband_diag::InMemory;

/// One line of a file of mistakes, and those below it that begin with three empty fields: further
/// faults of the same mistake.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// The example that is edited and opened; `a.model < b.model` edits `b` and opens `a`.
    file: String,
    replace: String,
    by: String,
    /// Code, place, message and help of each fault, in order of place.
    pub(crate) faults: Vec<[String; 4]>,
    name: String,
}

/// All mistakes of a file of the suite.
pub(crate) fn mistakes(path: &str) -> Vec<Mistake> {
    let mut mistakes: Vec<Mistake> = Vec::new();
    for line in read(path).lines().skip(1) {
        let fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
        let Ok([file, replace, by, code, at, message, help, name]) =
            <[String; 8]>::try_from(fields)
        else {
            panic!("eight fields: {line}")
        };
        let fault = [code, at, message, help];
        match mistakes.last_mut().filter(|_| file.is_empty()) {
            Some(before) => before.faults.push(fault),
            None => {
                let [replace, by] = [replace, by].map(|text| text.replace("\\n", "\n"));
                mistakes.push(Mistake { file, replace, by, faults: vec![fault], name });
            }
        }
    }
    mistakes
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
    let wanted: Vec<String> = mistake.faults.iter().map(|fault| fault.join("\t")).collect();
    let wanted = wanted.join("\n");
    (found != wanted).then(|| {
        let show = |text: &str| text.replace('\n', "\n          ");
        format!("{}\n  wanted: {}\n  found:  {}", mistake.name, show(&wanted), show(&found))
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
