//! `[rule.ID]`: what is done about one participant when the trial sees something.

use super::arms;
use super::causes::seen;
use super::named::named;
use crate::expression::{Context, Names, Quantities, Target, check};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table};
use crate::values;
use crate::words::unnamed;
use crate::{Action, Check, Encounter, Happening, Quantity, Regimen, Rule};
use proband_diag::{Diagnostic, code};
use proband_lang::{Expr, Unit};

const CHECKS: [(&str, Check); 2] = [("encounter", Check::Encounter), ("dose", Check::Dose)];

/// What a rule does, with the keys that it needs and nobody else uses.
const ACTIONS: [(&str, &[&str]); 11] = [
    ("delay", &["by"]),
    ("skip", &[]),
    ("hold", &["until"]),
    ("reduce", &[]),
    ("increase", &[]),
    ("set", &["to"]),
    ("start", &["regimen"]),
    ("stop", &[]),
    ("switch", &["arm"]),
    ("see", &["in"]),
    ("withdraw", &[]),
];

/// What rules speak of.
pub(crate) struct Setting<'a> {
    pub(crate) names: &'a Names,
    /// None where one has a fault.
    pub(crate) regimens: Option<&'a [Regimen]>,
    /// The regimens of each arm.
    pub(crate) of_arms: &'a [Vec<usize>],
    /// Whether an arm has more than regimens of its own.
    pub(crate) arms_differ: bool,
    /// The tables `[regimen.ID]`.
    pub(crate) tables: &'a [Entry],
}

/// How many encounters there are, and those that rules add.
type Further<'e> = (usize, &'e mut Vec<Encounter>);

/// Reads the rules; none if one has a fault. What a further visit observes is added to the encounters.
pub(crate) fn read(
    file: &Node,
    setting: &Setting<'_>,
    mut further: Further<'_>,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Vec<Rule>> {
    let entries = named(file, "rule", reading);
    let mut read = Vec::new();
    for entry in entries {
        read.push(rule(entry, setting, &mut further, quantities, reading));
    }
    let rules: Vec<Rule> = read.into_iter().collect::<Option<_>>()?;
    circles(&rules, entries, quantities, reading);
    Some(rules)
}

fn rule(
    entry: &Entry,
    setting: &Setting<'_>,
    further: &mut Further<'_>,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Rule> {
    let names = setting.names;
    let table = Table::open(&entry.node, format!("rule.{}", entry.key), keys::RULE, reading)?;
    let why = "a condition about one participant";
    let when = table
        .required("when", why, reading, |node, reading| seen(node, names, quantities, reading));
    let check = table.or("check", (Check::Encounter, "encounter"), reading, |node, reading| {
        values::word(&CHECKS, node, reading)
    });
    let words = ACTIONS.map(|(word, _)| (word, word));
    let word = table.required("do", "what is done", reading, |n, r| values::word(&words, n, r));
    let then = table.read("then", reading, |n, r| values::word(&words, n, r));
    let before = reading.faults.len();
    if let Some(word) = word {
        own_keys(&table, word, then, reading);
    }
    let keys_fit = reading.faults.len() == before;
    let regimens = table
        .read("regimen", reading, |node, reading| regimens(node, setting, reading))
        .unwrap_or_default();
    let arms = table
        .read("arms", reading, |node, reading| arms::positions(node, names, reading))
        .unwrap_or_default();
    let about =
        About { table: &table, setting, check, arms: &arms, regimens: &regimens, keys_fit };
    about.can_be_asked(reading);
    let mut action =
        |word, reading: &mut Reading| about.action(word, further, quantities, reading);
    let done = word.and_then(|word| action(word, reading));
    let after = then.and_then(|word| action(word, reading));
    let followed = table.or("followed", (1.0, "100 %"), reading, values::share);
    let at_most = table.read("at_most", reading, values::count);
    if let Some(fault) = about.has_no_use_of_then(word, at_most) {
        reading.fault(fault);
    }
    if then.is_some() && after.is_none() {
        return None;
    }
    let starts = matches!(done, Some(Action::Start(_)));
    Some(Rule {
        id: entry.key.clone(),
        when: when?,
        check,
        action: done?,
        regimens: if starts { Vec::new() } else { regimens },
        arms,
        followed,
        at_most,
        then: after,
    })
}

fn regimens(node: &Node, setting: &Setting<'_>, reading: &mut Reading) -> Option<Vec<usize>> {
    let mut all = Vec::new();
    for text in values::strings(node, reading)? {
        if let Some(found) = setting.names.regimens(&text.text) {
            all.extend(found);
            continue;
        }
        let known = setting.tables.iter().map(|entry| entry.key.as_str());
        let span = text.place();
        reading.fault(unnamed("regimen", &text.text, span, known));
    }
    Some(all)
}

/// The keys of what is done are required, and used by nothing else.
fn own_keys(table: &Table<'_>, word: &str, then: Option<&str>, reading: &mut Reading) {
    let own = |word: &str| {
        let found = ACTIONS.iter().find(|(other, _)| *other == word);
        found.map_or(&[][..], |(_, own)| *own)
    };
    for (key, word) in [("do", Some(word)), ("then", then)] {
        let Some(word) = word else { continue };
        for needed in own(word).iter().filter(|needed| !table.has(needed)) {
            let message = format!("`{key} = \"{word}\"` needs `{needed}`");
            reading.fault(Diagnostic::error(code::MISSING_KEY, message, table.span()));
        }
    }
    let used =
        |key: &str, word: &str| own(word).contains(&key) || word == "see" && key == "observe";
    let of_others = ACTIONS.iter().flat_map(|(_, keys)| keys.iter()).chain(&["observe"]);
    let of_others = of_others.copied().filter(|key| *key != "regimen");
    let used = |key: &str| used(key, word) || then.is_some_and(|then| used(key, then));
    table.unused_by(&format!("`do = \"{word}\"`"), of_others, used, reading);
}

/// A rule while it is read.
struct About<'r, 'a> {
    table: &'r Table<'a>,
    setting: &'r Setting<'r>,
    check: Check,
    arms: &'r [usize],
    regimens: &'r [usize],
    /// Whether its keys are those of what it does: otherwise something else may have been meant.
    keys_fit: bool,
}

impl About<'_, '_> {
    /// The regimens that it may act on.
    fn targets(&self) -> Vec<usize> {
        let of_arms = self.setting.of_arms.iter().enumerate();
        let here = of_arms.filter(|(arm, _)| self.arms.is_empty() || self.arms.contains(arm));
        let given = here.flat_map(|(_, regimens)| regimens.iter().copied());
        let mut all: Vec<usize> = given.collect();
        if !self.regimens.is_empty() {
            all = self.regimens.to_vec();
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Reports a rule that nobody ever asks.
    fn can_be_asked(&self, reading: &mut Reading) {
        let timeline = &self.setting.names.timeline;
        let visits = timeline.encounters.iter().any(|encounter| encounter.day > 0.0);
        let (never, help) = match self.check {
            Check::Encounter if !visits && !timeline.faulty => {
                ("there is no encounter after day 1", "plan one, or write `check = \"dose\"`")
            }
            Check::Dose if self.targets().is_empty() => {
                ("its arms are given no dose", "write `check = \"encounter\"`")
            }
            _ => return,
        };
        let message = format!("`{}` is never asked: {never}", self.table.path());
        let fault = Diagnostic::error(code::NEVER_DECIDED, message, self.table.span());
        reading.fault(fault.help(help));
    }

    /// The fault of a `then` that never comes.
    fn has_no_use_of_then(
        &self,
        word: Option<&str>,
        at_most: Option<u64>,
    ) -> Option<Diagnostic> {
        let entry = self.table.get("then")?;
        let used = at_most.is_some() || matches!(word, None | Some("reduce" | "increase"));
        (!used).then(|| {
            let message = "`then` comes after `at_most` times, or where no rung is left";
            Diagnostic::error(code::UNUSED_KEY, message, entry.key_span).help("add `at_most`")
        })
    }

    fn action(
        &self,
        word: &str,
        further: &mut Further<'_>,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Action> {
        let table = self.table;
        match word {
            "delay" => table.read("by", reading, values::positive_duration).map(Action::Delay),
            "skip" => Some(Action::Skip),
            "hold" => {
                let until = table.get("until")?;
                seen(&until.node, self.setting.names, quantities, reading).map(Action::Hold)
            }
            "reduce" => self.on_a_ladder(word, reading).then_some(Action::Reduce),
            "increase" => self.on_a_ladder(word, reading).then_some(Action::Increase),
            "set" => self.set(quantities, reading).map(Action::Set),
            "start" => Some(Action::Start(self.regimens.to_vec())),
            "stop" => Some(Action::Stop),
            "switch" => self.switch(reading).map(Action::Switch),
            "see" => self.see(further, reading),
            _ => Some(Action::Withdraw),
        }
    }

    /// Whether there are rungs to move on; reports it where there are none.
    fn on_a_ladder(&self, word: &str, reading: &mut Reading) -> bool {
        let Some(regimens) = self.setting.regimens.filter(|_| self.keys_fit) else {
            return true;
        };
        let targets = self.targets();
        if targets.is_empty() || targets.iter().any(|&of| regimens[of].amounts.len() > 1) {
            return true;
        }
        let id = &regimens[targets[0]].id;
        let message =
            format!("`{word}` moves on a ladder, and `amount` of `{id}` has one rung");
        let key = if self.table.has("do") { "do" } else { "then" };
        reading.fault(
            Diagnostic::error(code::NO_LADDER, message, self.table.place(key))
                .help("give `amount` a list: its entries are the rungs"),
        );
        false
    }

    /// The amount that is set, in the unit of what it is set of.
    fn set(
        &self,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<crate::Expression> {
        let entry = self.table.get("to")?;
        let text =
            values::string(&entry.node, "an amount is an expression, as a text", reading)?;
        let units: Vec<Unit> = self.targets().iter().filter_map(|&of| self.unit(of)).collect();
        let target = Target::Amount { unit: units.first(), what: "the dose is in" };
        let set = check(text, Context::Seen, &target, self.setting.names, quantities, reading)?;
        if let Some(other) = units.iter().find(|unit| **unit != units[0]) {
            let message = format!("this sets doses in {} and in {other} alike", units[0]);
            let fault = Diagnostic::error(code::UNIT_MISMATCH, message, entry.node.span);
            reading.fault(fault.help("name one `regimen`"));
        }
        Some(set)
    }

    fn unit(&self, regimen: usize) -> Option<Unit> {
        self.setting.names.regimens[regimen].unit.clone()
    }

    fn switch(&self, reading: &mut Reading) -> Option<usize> {
        let names = self.setting.names;
        let entry = self.table.get("arm")?;
        let to = arms::position(&entry.node, names, reading)?;
        if self.setting.arms_differ {
            let what = "switching where arms differ in `parameters` or `inputs`";
            reading.later(entry.node.span, what);
            return None;
        }
        Some(to)
    }

    fn see(&self, further: &mut Further<'_>, reading: &mut Reading) -> Option<Action> {
        let names = self.setting.names;
        let after = self.table.read("in", reading, values::positive_duration);
        let observe = super::encounters::observed(self.table, names, reading);
        let epoch = names.timeline.epochs.iter().position(|epoch| epoch.from >= 0.0);
        let encounter = further.0 + further.1.len();
        further.1.push(Encounter {
            day: f64::NAN,
            label: "Unscheduled".to_owned(),
            number: f64::NAN,
            epoch: epoch.unwrap_or(0),
            observe,
            window: None,
            missing: None,
            repeats: None,
        });
        Some(Action::See { after: after?, encounter })
    }
}

/// Reports rules that wait for one another to have acted: none of them ever does.
fn circles(rules: &[Rule], entries: &[Entry], quantities: &Quantities, reading: &mut Reading) {
    let waits = |rule: usize| waits_for(&rules[rule].when.expr, quantities);
    for first in 0..rules.len() {
        let mut path = vec![first];
        let mut at = first;
        // Of several that a rule waits for, all must have acted: to follow one is enough.
        while let Some(&next) = waits(at).first() {
            if next == first {
                let chain: Vec<String> = path[1..]
                    .iter()
                    .chain([&first])
                    .map(|&rule| format!("`rule.{}`", rules[rule].id))
                    .collect();
                let message = format!(
                    "`rule.{}` waits for {}: it never acts",
                    rules[first].id,
                    chain.join(", which waits for ")
                );
                let span = entries[first].key_span;
                reading.fault(Diagnostic::error(code::CIRCULAR_DEFINITION, message, span));
                break;
            }
            if path.contains(&next) {
                break;
            }
            path.push(next);
            at = next;
        }
    }
}

/// The rules that must have acted for a condition to hold.
fn waits_for(condition: &Expr, quantities: &Quantities) -> Vec<usize> {
    use proband_lang::Binary::{And, Greater, Or};
    match condition {
        Expr::Binary(And, a, b) => {
            let mut both = waits_for(a, quantities);
            both.extend(waits_for(b, quantities));
            both
        }
        Expr::Binary(Or, a, b) => {
            let other = waits_for(b, quantities);
            waits_for(a, quantities).into_iter().filter(|rule| other.contains(rule)).collect()
        }
        Expr::Binary(Greater, a, _) => match &**a {
            Expr::Symbol(symbol) => match quantities.get(*symbol) {
                Some(Quantity::Count { happening: Happening::Rule(rule), .. }) => vec![*rule],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
