//! `[adaptation.ID]`: what changes after a look, for those randomised later.

use super::{Setting, final_look, opened, own_keys};
use crate::expression::{Context, LookNames, Quantities, Target, condition};
use crate::keys;
use crate::reading::Reading;
use crate::tables::arms;
use crate::tables::named::named;
use crate::toml::{Entry, Node, Table};
use crate::values;
use crate::words::unnamed;
use crate::{Adaptation, AdaptationAction, Expression, Look, Quantity, TrialQuantity};
use proband_diag::{Diagnostic, Span, code};
use proband_lang::Unit;

/// What an adaptation does, with its own keys.
const ACTIONS: [(&str, &[&str]); 8] = [
    ("stop", &[]),
    ("resize", &["power", "participants", "assume"]),
    ("drop", &["keep"]),
    ("graduate", &[]),
    ("add", &["arm"]),
    ("allocate", &["ratio", "within"]),
    ("enrich", &["eligibility"]),
    ("set", &["to"]),
];

/// The looks of the trial.
pub(super) struct Told<'a> {
    pub(super) looks: &'a [Look],
    pub(super) places: &'a [Span],
}

impl Setting<'_> {
    pub(super) fn adaptations(
        &self,
        file: &Node,
        asked: &LookNames,
        told: &Told<'_>,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Vec<Adaptation> {
        let mut all = Vec::new();
        for entry in named(file, "adaptation", reading) {
            let Some(table) = opened(entry, "adaptation", keys::ADAPTATION, reading) else {
                continue;
            };
            all.extend(self.adaptation(entry, &table, file, asked, told, quantities, reading));
        }
        needs_combination(file, reading);
        if told.places.is_empty() && !all.is_empty() && super::entries(file, "look").is_empty()
        {
            let message = "adaptations are decided at looks, and there is none";
            let span = super::entries(file, "adaptation")[0].key_span;
            reading.fault(
                Diagnostic::error(code::MISSING_KEY, message, span).help("add `[look.ID]`"),
            );
        }
        all
    }

    #[expect(clippy::too_many_arguments, reason = "an adaptation is checked against all of it")]
    fn adaptation(
        &self,
        entry: &Entry,
        table: &Table<'_>,
        file: &Node,
        asked: &LookNames,
        told: &Told<'_>,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Adaptation> {
        let words = ACTIONS.map(|(word, _)| (word, word));
        let word =
            table.required("do", "what is done", reading, |n, r| values::word(&words, n, r));
        let looks = self.looks_of(table, file, told, reading);
        let each = table.read("each", reading, |n, r| values::word(&[("arm", ())], n, r));
        let each_arm = each.is_some();
        let when = table.read("when", reading, |node, reading| {
            let text = values::string(node, "a condition is needed, as a text", reading)?;
            self.at_look(text, true, &Target::Condition, asked, quantities, reading)
        });
        let word = word?;
        own_keys(table, word, &format!("`do = \"{word}\"`"), &ACTIONS, reading);
        asks_each_arm(word, table, reading);
        if let Some(when) = &when {
            self.names_one_comparison(when, each_arm, quantities, reading);
        }
        let action = match word {
            "stop" => AdaptationAction::Stop,
            "resize" => self.resize(table, reading)?,
            "drop" => {
                AdaptationAction::Drop { keep: table.read("keep", reading, values::count) }
            }
            "graduate" => AdaptationAction::Graduate,
            "add" => {
                let arm = |n: &Node, r: &mut Reading| arms::positions(n, self.names, r);
                AdaptationAction::Add(table.required(
                    "arm",
                    "the arm that opens",
                    reading,
                    arm,
                )?)
            }
            "allocate" => self.allocate(table, asked, quantities, reading)?,
            "enrich" => self.enrich(table, quantities, reading)?,
            _ => {
                reading.later(table.get("do")?.node.span, "`do = \"set\"` in an adaptation");
                return None;
            }
        };
        let has_when = when.is_some() || !table.has("when");
        has_when.then_some(())?;
        Some(Adaptation { id: entry.key.clone(), looks: looks?, each_arm, when, action })
    }

    /// The looks at which it is decided: those named, or all but the final one, after which nobody is
    /// randomised.
    fn looks_of(
        &self,
        table: &Table<'_>,
        file: &Node,
        told: &Told<'_>,
        reading: &mut Reading,
    ) -> Option<Vec<usize>> {
        let not_last = |look: &usize| Some(*look) != final_look(told.looks);
        let Some(entry) = table.get("look") else {
            reading.defaulted(table.path_of("look"), "all but the final one");
            return Some((0..told.looks.len()).filter(not_last).collect());
        };
        let mut named = Vec::new();
        for text in values::strings(&entry.node, reading)? {
            let span = text.place();
            let all = super::entries(file, "look").iter().map(|look| look.key.as_str());
            if !all.clone().any(|look| look == text.text) {
                reading.fault(unnamed("look", &text.text, span, all));
                return None;
            }
            // A look with a fault was reported.
            let look = told.looks.iter().position(|look| look.id == text.text)?;
            if !not_last(&look) {
                let message =
                    format!("`{}` ends the trial, and nothing changes after it", text.text);
                reading.fault(Diagnostic::error(code::NEVER_HAPPENS, message, span));
            }
            named.push(look);
        }
        Some(named)
    }

    /// A finding of an analysis with several comparisons is asked for each arm.
    fn names_one_comparison(
        &self,
        asked: &Expression,
        each_arm: bool,
        quantities: &Quantities,
        reading: &mut Reading,
    ) {
        let of = quantities.of(&asked.expr);
        for analysis in of.into_iter().filter_map(analysis_of) {
            let Some(analysis) = &self.analyses[analysis].1 else { continue };
            let count = analysis.comparisons.len();
            let id = &analysis.id;
            let (message, help) = match count {
                1 => continue,
                0 => (format!("`{id}` compares no arms"), None),
                _ if each_arm => continue,
                _ => (
                    format!("`{id}` compares {count} pairs of arms, and this asks for one"),
                    Some("ask of each: `each = \"arm\"`"),
                ),
            };
            if let Some(span) = asked.span {
                let fault = Diagnostic::error(code::WRONG_DESIGN, message, span);
                reading.fault(fault.maybe_help(help.map(str::to_owned)));
            }
        }
    }

    fn resize(&self, table: &Table<'_>, reading: &mut Reading) -> Option<AdaptationAction> {
        let why = "the chance of success aimed at";
        let power = table.required("power", why, reading, values::share);
        let why = "`participants = [least, most]`";
        let participants = table.required("participants", why, reading, |node, reading| {
            values::list(node, reading, values::count)
        });
        let assume = table.read("assume", reading, values::number);
        let participants = participants?;
        let planned = self.design.map_or(0, |design| design.participants);
        let (least, most) = match participants[..] {
            [least, most] if least <= most => (least, most),
            _ => {
                let span = table.place("participants");
                let message = "the least and the most are needed, such as `[260, 520]`";
                reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
                return None;
            }
        };
        if most < planned {
            let span = table.place("participants");
            let message = format!("at most {most} are fewer than the {planned} planned");
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
        }
        Some(AdaptationAction::Resize { power: power?, participants: (least, most), assume })
    }

    fn allocate(
        &self,
        table: &Table<'_>,
        asked: &LookNames,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<AdaptationAction> {
        let why = "what each arm weighs";
        let one = Unit::one();
        let ratio = table.required("ratio", why, reading, |node, reading| {
            let text = values::string(node, "a weight is an expression, as a text", reading)?;
            let target = Target::In { unit: &one, what: "a weight has" };
            self.at_look(text, true, &target, asked, quantities, reading)
        });
        let within =
            table.or("within", (vec![0.0, 1.0], "0 to 1"), reading, |node, reading| {
                values::list(node, reading, values::part)
            });
        let arms = self.names.arms.len().saturating_sub(1).max(1) as f64;
        let ((least, most), fine) = match within[..] {
            [least, most] => ((least, most), least * arms <= 1.0 && most * arms >= 1.0),
            _ => ((0.0, 1.0), false),
        };
        if !fine {
            let span = table.place("within");
            let message = format!("no shares of {arms} arms lie within these limits");
            let fault = Diagnostic::error(code::OUT_OF_RANGE, message, span);
            reading.fault(fault.help("the least and the most share, such as `[0.1, 0.6]`"));
        }
        Some(AdaptationAction::Allocate { ratio: ratio?, within: (least, most) })
    }

    fn enrich(
        &self,
        table: &Table<'_>,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<AdaptationAction> {
        let why = "who is enrolled from then on";
        let only = table.required("eligibility", why, reading, |node, reading| {
            let text = values::string(node, "a condition is needed, as a text", reading)?;
            condition(text, Context::Screening, self.names, quantities, reading)
        })?;
        Some(AdaptationAction::Enrich(only))
    }
}

/// What follows from an unblinded look needs a combination test; told once.
fn needs_combination(file: &Node, reading: &mut Reading) {
    let does = |entry: &&Entry, word: &str| {
        let action = entry.node.get("do").and_then(|entry| entry.node.as_text());
        action.is_some_and(|text| text.text == word)
    };
    let all = super::entries(file, "adaptation");
    let unblinded = |entry: &&Entry| entry.node.get("assume").is_none();
    let resizes = all.iter().find(|entry| does(entry, "resize") && unblinded(entry));
    let enriches = all.iter().find(|entry| does(entry, "enrich"));
    let (doing, entry) = match (resizes, enriches) {
        (Some(entry), _) => ("resizing", entry),
        (None, Some(entry)) => ("enriching", entry),
        (None, None) => return,
    };
    let designs = super::entries(file, "sequential");
    let without = designs.iter().find(|design| design.node.get("combine").is_none());
    let id = match (without, designs) {
        (Some(design), _) => design.key.as_str(),
        (None, []) => "ANALYSIS",
        (None, _) => return,
    };
    let message = format!("{doing} after an unblinded look inflates the type I error");
    let fault = Diagnostic::error(code::MISSING_KEY, message, entry.node.span);
    reading.fault(fault.help(format!("`sequential.{id}.combine = \"inverse normal\"`")));
}

/// Arms graduate and are weighed one by one; the trial is stopped and resized as a whole.
fn asks_each_arm(word: &str, table: &Table<'_>, reading: &mut Reading) {
    let each = table.has("each");
    let one_by_one =
        matches!(word, "graduate" | "allocate") || (word == "drop" && !table.has("keep"));
    if one_by_one && !each {
        let message = format!("`do = \"{word}\"` is asked of each arm");
        let fault = Diagnostic::error(code::MISSING_KEY, message, table.span());
        reading.fault(fault.help("`each = \"arm\"`"));
    } else if each && !one_by_one {
        let message = format!("`do = \"{word}\"` is about the whole trial");
        table.unused("each", &message, reading);
    }
}

/// The analysis whose finding a quantity is.
fn analysis_of(quantity: &Quantity) -> Option<usize> {
    let Quantity::OfTrial(of) = quantity else { return None };
    match of {
        TrialQuantity::PValue(analysis)
        | TrialQuantity::Z(analysis)
        | TrialQuantity::Estimate(analysis)
        | TrialQuantity::PredictivePower(analysis)
        | TrialQuantity::ConditionalPower { analysis, .. }
        | TrialQuantity::Posterior { analysis, .. } => Some(*analysis),
        _ => None,
    }
}
