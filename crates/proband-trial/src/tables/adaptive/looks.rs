//! `[look.ID]`: when the trial is looked at.

use super::{Setting, final_look, opened, possible};
use crate::expression::{LookNames, Quantities, Target};
use crate::keys;
use crate::reading::Reading;
use crate::tables::named::named;
use crate::toml::{Node, Table, Text};
use crate::trial::at_least;
use crate::values;
use crate::{Expression, Look, Quantity, TrialQuantity};
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Binary, Expr, SymbolId};

impl Setting<'_> {
    /// The looks that have no fault, and where each stands.
    pub(super) fn looks(
        &self,
        file: &Node,
        asked: &LookNames,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> (Vec<Look>, Vec<Span>) {
        let (mut looks, mut places) = (Vec::new(), Vec::new());
        for entry in named(file, "look", reading) {
            let Some(table) = opened(entry, "look", keys::LOOK, reading) else { continue };
            if let Some(look) = self.look(&entry.key, &table, asked, quantities, reading) {
                looks.push(look);
                places.push(entry.key_span);
            }
        }
        one_end(&looks, &places, reading);
        self.after_the_final(&looks, &places, quantities, reading);
        (looks, places)
    }

    fn look(
        &self,
        id: &str,
        table: &Table<'_>,
        asked: &LookNames,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Look> {
        let why = "the condition at which the look is taken";
        let when = table.required("when", why, reading, |node, reading| {
            let text = values::string(node, "a condition is needed, as a text", reading)?;
            self.falls(text, asked, quantities, reading)
        });
        let every = table.read("every", reading, values::positive_duration);
        let is_final = table.or("final", (false, "false"), reading, values::flag);
        if is_final {
            table.unused("every", "the final look is not repeated", reading);
        }
        let lag = table.or("lag", (0.0, "0 day"), reading, values::duration);
        let analyses = self.analyses_of(table, reading);
        Some(Look { id: id.to_owned(), when: when?, every, is_final, analyses: analyses?, lag })
    }

    /// When a look falls: a condition on counts and the calendar that can come to hold.
    fn falls(
        &self,
        text: &Text,
        asked: &LookNames,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Expression> {
        let target = Target::Condition;
        let when = self.at_look(text, false, &target, asked, quantities, reading)?;
        let span = when.span?;
        if !calendar_is_compared(&when.expr, quantities) {
            let message = "`calendar` is compared with a time, such as `calendar >= month 6`";
            reading.fault(Diagnostic::error(code::WRONG_PLACE, message, span));
            return None;
        }
        let (_, most) = possible::range(&when.expr, &|symbol| self.reach(symbol, quantities));
        if most <= 0.0 {
            let message = format!("this look can never happen: {}", self.why_never());
            reading.fault(Diagnostic::error(code::NEVER_HAPPENS, message, span));
            return None;
        }
        Some(when)
    }

    fn why_never(&self) -> String {
        let participants = self.design.map_or(0, |design| design.participants);
        format!("the trial has {participants} participants")
    }

    /// From where to where a quantity of the trial moves; all begin at 0 but the planned enrolment.
    fn reach(&self, symbol: SymbolId, quantities: &Quantities) -> possible::Range {
        let planned = self.design.map_or(f64::INFINITY, |design| design.participants as f64);
        match quantities.get(symbol) {
            Some(Quantity::OfTrial(TrialQuantity::Calendar)) => (0.0, f64::INFINITY),
            Some(Quantity::OfTrial(TrialQuantity::Participants)) => (planned, planned),
            _ => (0.0, planned),
        }
    }

    fn analyses_of(&self, table: &Table<'_>, reading: &mut Reading) -> Option<Vec<usize>> {
        if !table.has("analyses") {
            reading.defaulted(table.path_of("analyses"), "all");
            return Some((0..self.analyses.len()).collect());
        }
        let ids = table.read("analyses", reading, values::strings)?;
        let mut all = Vec::new();
        for text in ids {
            self.analysis(&text.text, text.place(), reading)?;
            // An analysis is followed by its subgroups.
            let of = self.analyses.iter().enumerate().filter(|(_, (id, _))| *id == text.text);
            all.extend(of.map(|(position, _)| position));
        }
        Some(all)
    }

    /// A look whose condition holds only once that of the final look has held comes after the end.
    fn after_the_final(
        &self,
        looks: &[Look],
        places: &[Span],
        quantities: &Quantities,
        reading: &mut Reading,
    ) {
        let Some(end) = final_look(looks) else { return };
        let Some((ends_by, last)) = threshold(&looks[end].when.expr) else { return };
        for (look, &place) in looks.iter().zip(places).filter(|(look, _)| !look.is_final) {
            let Some((by, at)) = threshold(&look.when.expr) else { continue };
            if quantities.get(by) == quantities.get(ends_by) && at >= last {
                let message = format!(
                    "`look.{}` falls no sooner than the final look `{}`, which ends the trial",
                    look.id, looks[end].id
                );
                reading.fault(Diagnostic::error(code::AFTER_THE_END, message, place));
            }
        }
    }
}

fn one_end(looks: &[Look], places: &[Span], reading: &mut Reading) {
    let mut ends = looks.iter().zip(places).filter(|(look, _)| look.is_final);
    if let (Some((first, _)), Some((second, place))) = (ends.next(), ends.next()) {
        let message = format!(
            "a trial has one final look, and `{}` and `{}` are two",
            first.id, second.id
        );
        reading
            .fault(Diagnostic::error(code::CONFLICTING_KEYS, message, *place).help("keep one"));
    }
}

/// The quantity and the number from which on a condition `quantity >= number` holds.
fn threshold(when: &Expr) -> Option<(SymbolId, f64)> {
    match at_least(when)? {
        (Expr::Symbol(of), number) => Some((*of, number.constant()?)),
        _ => None,
    }
}

/// Whether the calendar stands only as one side of comparisons with something else: so that the moment at
/// which one comes to hold is known.
fn calendar_is_compared(when: &Expr, quantities: &Quantities) -> bool {
    let is_calendar = |expr: &Expr| match expr {
        Expr::Symbol(symbol) => {
            quantities.get(*symbol) == Some(&Quantity::OfTrial(TrialQuantity::Calendar))
        }
        _ => false,
    };
    let (mut all, mut compared) = (0, 0);
    when.walk(&mut |part| {
        all += usize::from(is_calendar(part));
        if let Expr::Binary(how, left, right) = part {
            let compares = matches!(
                how,
                Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual
            );
            compared += usize::from(compares && is_calendar(left) != is_calendar(right));
        }
    });
    all == compared
}
