//! Observables, and the draws about a value.

use super::definitions::has_unit;
use super::expression::Checker;
use super::spreads::unknown_distribution;
use super::typed::{Typed, kind_name};
use super::world::{Entry, Frame, ItemId, Known, Type, World};
use crate::syntax::{
    Choice, DrawArgument, DrawRole, DrawText, Head, Of, Statement, StatementKind,
};
use crate::{Draw, Expr as Value, Kind, Let, Level, Observable, SymbolId, SymbolKind, Unit};
use proband_diag::{Diagnostic, code};
use std::rc::Rc;

/// The distributions about a value.
const DISTRIBUTIONS: [&str; 8] = [
    "normal",
    "lognormal",
    "bernoulli",
    "poisson",
    "negbinomial",
    "binomial",
    "ordinal",
    "categorical",
];

impl World {
    pub(crate) fn observable_list(&mut self) {
        for (statement, frame) in self.later.clone() {
            let StatementKind::Observe { head, of, value, .. } = &statement.kind else {
                continue;
            };
            if statement.faulty {
                continue;
            }
            let mut items = self.own_items(head, &frame, &statement);
            if items.is_empty() && value.is_none() {
                items = self.existing_items(head, &frame, &statement);
            }
            for (item, frame) in items {
                self.observable(&statement, item, &frame, of);
            }
        }
    }

    /// The items that an `observe` declares itself.
    fn own_items(
        &self,
        head: &Head,
        frame: &Frame,
        statement: &Rc<Statement>,
    ) -> Vec<(ItemId, Frame)> {
        let Some(Entry::Quantity(quantity)) =
            self.spaces[frame.space].names.get(&head.name.text).map(|named| &named.entry)
        else {
            return Vec::new();
        };
        let family = &self.quantities[*quantity];
        let items = family.order.iter().map(|key| family.members[key]);
        items
            .filter(|&item| Rc::ptr_eq(&self.items[item].statement, statement))
            .map(|item| (item, self.items[item].frame.clone()))
            .collect()
    }

    /// What an `observe` without `=` records.
    fn existing_items(
        &mut self,
        head: &Head,
        frame: &Frame,
        statement: &Rc<Statement>,
    ) -> Vec<(ItemId, Frame)> {
        let space = &self.spaces[frame.space];
        let name = &head.name;
        let entry = space.names.get(&name.text).map(|named| named.entry.clone());
        let fault = match entry {
            Some(Entry::Quantity(quantity)) => {
                return self.members_of_head(quantity, head, frame, statement);
            }
            Some(Entry::Silent) => return Vec::new(),
            None if space.any_name || space.silenced.contains(&name.text) => return Vec::new(),
            Some(_) => {
                let message = format!("`{}` is not a value that can be recorded", name.text);
                Diagnostic::error(code::NOT_A_VALUE, message, name.span)
            }
            None => {
                let meant =
                    proband_diag::nearest(&name.text, space.names.keys().map(String::as_str));
                let help = match meant {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("to define it write `observe {} = ...`", name.text),
                };
                let message = format!("unknown name `{}`", name.text);
                Diagnostic::error(code::UNKNOWN_NAME, message, name.span).help(help)
            }
        };
        self.keep_fault(fault, statement.span);
        Vec::new()
    }

    fn members_of_head(
        &mut self,
        quantity: usize,
        head: &Head,
        frame: &Frame,
        statement: &Rc<Statement>,
    ) -> Vec<(ItemId, Frame)> {
        if self.quantities[quantity].axes != head.axes.len() {
            let message = format!("`{}` is a family: say which member", head.name.text);
            let fault = Diagnostic::error(code::FAMILY_NEEDS_INDEX, message, head.name.span)
                .help(format!("`{}[...]`", head.name.text));
            self.keep_fault(fault, statement.span);
            return Vec::new();
        }
        let Some(unrolled) = self.unroll(frame.space, frame.file, &head.axes) else {
            return Vec::new();
        };
        let members = &self.quantities[quantity].members;
        unrolled
            .into_iter()
            .filter_map(|(key, frame)| Some((*members.get(&key)?, frame)))
            .collect()
    }

    fn observable(&mut self, statement: &Rc<Statement>, item: ItemId, frame: &Frame, of: &Of) {
        let StatementKind::Observe { draw, limits, .. } = &statement.kind else { return };
        self.used.insert(self.items[item].span);
        let Known::Type(known) = self.items[item].known.clone() else { return };
        let Some((symbol, unit)) = self.recorded(statement, item, frame, of, &known) else {
            return;
        };
        let as_recorded = Type { unit: unit.clone(), ..known };
        let name = self.items[item].name.clone();
        let found = self.checked(frame, statement.span, |checker| {
            let draw = match draw {
                None => Some(None),
                Some(draw) => checker.draw(draw, &as_recorded, &name).map(Some),
            };
            let lower = checker.limit_named("lloq", limits, &as_recorded);
            let upper = checker.limit_named("uloq", limits, &as_recorded);
            Some((draw?, lower?, upper?))
        });
        let Some((draw, lower_limit, upper_limit)) = found else { return };
        if self.model.observables.iter().any(|observable| observable.name == name) {
            let message = format!("`{name}` is observed twice");
            let span = self.items[item].span;
            let fault = Diagnostic::error(code::DUPLICATE_NAME, message, statement.span)
                .label(span, "declared here");
            return self.keep_fault(fault, statement.span);
        }
        let text = statement.text.clone();
        self.model.observables.push(Observable {
            name,
            symbol,
            unit,
            draw,
            lower_limit,
            upper_limit,
            text,
        });
    }

    /// The symbol of the true value and the unit of the record. Where an existing quantity is
    /// recorded in another unit, a `let` of its own converts it.
    fn recorded(
        &mut self,
        statement: &Rc<Statement>,
        item: ItemId,
        frame: &Frame,
        of: &Of,
        known: &Type,
    ) -> Option<(SymbolId, Unit)> {
        let symbol = self.items[item].symbol?;
        let own = Rc::ptr_eq(&self.items[item].statement, statement);
        let Of::Unit(text) = of else { return Some((symbol, known.unit.clone())) };
        if own {
            return Some((symbol, known.unit.clone()));
        }
        let unit = self.unit_in(frame.space, frame.file, text)?;
        let name = self.items[item].name.clone();
        let StatementKind::Observe { head, .. } = &statement.kind else { return None };
        if known.kind != Kind::Number || !known.unit.same_dimension(&unit) {
            let message = format!("`{name}` is in {}, not in {unit}", known.unit);
            let fault = Diagnostic::error(code::UNIT_MISMATCH, message, head.name.span)
                .maybe_help(known.unit.difference(&unit));
            self.keep_fault(fault, statement.span);
            return None;
        }
        if known.unit == unit {
            return Some((symbol, unit));
        }
        let value = Typed::number(Value::Symbol(symbol), known.unit.clone(), known.level);
        let (expression, _) =
            self.attempt(frame, |checker| Some(checker.convert(value, &unit)));
        Some((self.converted(&name, expression?, &unit, known.level, item), unit))
    }

    fn converted(
        &mut self,
        name: &str,
        expression: Value,
        unit: &Unit,
        level: Level,
        item: ItemId,
    ) -> SymbolId {
        let kind = SymbolKind::Let(self.model.lets.len());
        let span = self.items[item].span;
        let symbol = self.push_symbol(format!("observe {name}"), kind, level, span, None);
        self.model.symbols[symbol.index()].unit = unit.clone();
        self.model.lets.push(Let { symbol, expression });
        self.model.order.push(symbol);
        symbol
    }
}

impl Checker<'_> {
    fn limit_named(
        &mut self,
        word: &str,
        limits: &[Choice],
        known: &Type,
    ) -> Option<Option<Value>> {
        for choice in limits {
            if !["lloq", "uloq"].contains(&choice.word.text.as_str()) {
                let message = format!("an observable has no `{}`", choice.word.text);
                let meant = proband_diag::nearest(&choice.word.text, ["lloq", "uloq"]);
                let help = meant.map_or_else(
                    || "it takes `lloq` and `uloq`".to_owned(),
                    |meant| format!("did you mean `{meant}`?"),
                );
                let fault = Diagnostic::error(code::UNKNOWN_OPTION, message, choice.word.span);
                self.report(fault.help(help));
                return None;
            }
        }
        let Some(choice) = limits.iter().find(|choice| choice.word.text == word) else {
            return Some(None);
        };
        let value = self.a_number(&choice.value, &format!("`{word}`"))?;
        if !value.any_unit && !value.unit.same_dimension(&known.unit) {
            let message = format!(
                "`{word}` must be in {}, but has {}",
                known.unit,
                has_unit(&value.unit)
            );
            self.report(Diagnostic::error(code::UNIT_MISMATCH, message, choice.word.span));
            return None;
        }
        Some(Some(self.in_unit(value, &known.unit).expr))
    }

    /// The draw about a value of a type.
    pub(crate) fn draw(&mut self, draw: &DrawText, known: &Type, name: &str) -> Option<Draw> {
        let distribution = draw.distribution.text.as_str();
        if !DISTRIBUTIONS.contains(&distribution) {
            let fault = unknown_distribution(draw, &DISTRIBUTIONS, "a draw");
            self.report(fault);
            return None;
        }
        let of_levels = matches!(known.kind, Kind::Level(_));
        if of_levels != matches!(distribution, "ordinal" | "categorical") {
            let message = format!("`{distribution}` does not draw {}", kind_name(&known.kind));
            self.report(Diagnostic::error(code::WRONG_SPREAD, message, draw.distribution.span));
            return None;
        }
        if let Some(argument) = draw.arguments.iter().find(|a| a.per_occasion) {
            let message = "only a parameter varies per occasion";
            self.report(Diagnostic::error(code::WRONG_SPREAD, message, argument.span));
            return None;
        }
        match distribution {
            "normal" => self.normal(draw, known, name),
            "lognormal" => self.log_normal(draw),
            "ordinal" | "categorical" => self.of_level_draws(draw, known),
            _ => self.count_draw(draw, known),
        }
    }

    fn normal(&mut self, draw: &DrawText, known: &Type, name: &str) -> Option<Draw> {
        let (mut cv, mut sd) = (None, None);
        for argument in &draw.arguments {
            match argument.role {
                DrawRole::Cv if cv.is_none() => cv = Some(self.cv(argument)?),
                DrawRole::Sd | DrawRole::Var if sd.is_none() => {
                    sd = Some(self.sd_in(argument, &known.unit, name)?);
                }
                _ => return self.not_of(draw, argument),
            }
        }
        if cv.is_none() && sd.is_none() {
            return self.without_spread(draw);
        }
        Some(Draw::Normal { cv, sd })
    }

    fn log_normal(&mut self, draw: &DrawText) -> Option<Draw> {
        match draw.arguments.as_slice() {
            [] => self.without_spread(draw),
            [argument] => match argument.role {
                DrawRole::Cv => {
                    let cv = self.cv(argument)?;
                    Some(Draw::LogNormal(super::spreads::log_normal_sd(cv)))
                }
                DrawRole::Sd | DrawRole::Var => Some(Draw::LogNormal(self.plain_sd(argument)?)),
                _ => self.not_of(draw, argument),
            },
            [_, second, ..] => self.not_of(draw, second),
        }
    }

    fn without_spread(&mut self, draw: &DrawText) -> Option<Draw> {
        let name = &draw.distribution;
        let message = format!("`{}` needs a spread", name.text);
        let fault = Diagnostic::error(code::MISSING_SPREAD, message, name.span)
            .help("say `sd ...`, `cv ...` or `var ...`");
        self.report(fault);
        None
    }

    fn not_of(&mut self, draw: &DrawText, argument: &DrawArgument) -> Option<Draw> {
        let name = &draw.distribution.text;
        let fault = if argument.role == DrawRole::Plain {
            let message = format!(
                "say what the number is: `{name} sd ...`, `{name} cv ...` or `{name} var ...`"
            );
            Diagnostic::error(code::SPREAD_UNNAMED, message, argument.span)
        } else {
            let message = format!("`{name}` does not take {} here", argument.role.word());
            Diagnostic::error(code::WRONG_SPREAD, message, argument.span)
        };
        self.report(fault);
        None
    }

    /// Logits of a level or above, or probabilities of levels: one fewer than there are levels.
    fn of_level_draws(&mut self, draw: &DrawText, known: &Type) -> Option<Draw> {
        let name = draw.distribution.text.as_str();
        let levels = super::expression::levels_of(&known.kind)?.len();
        if draw.arguments.len() + 1 != levels {
            let message = format!(
                "`{name}` of {levels} levels takes {}, {} given",
                crate::syntax::counted(levels - 1, "number"),
                draw.arguments.len()
            );
            self.report(Diagnostic::error(code::WRONG_SPREAD, message, draw.span));
            return None;
        }
        let mut values = Vec::new();
        for argument in &draw.arguments {
            if argument.role != DrawRole::Plain {
                return self.not_of(draw, argument);
            }
            let user = format!("`{name}`");
            values.push(self.plain_number_at(&argument.value, &user, argument.span)?.expr);
        }
        Some(if name == "ordinal" { Draw::Ordinal(values) } else { Draw::Categorical(values) })
    }

    /// Chances and counts, whose centre is a plain number.
    fn count_draw(&mut self, draw: &DrawText, known: &Type) -> Option<Draw> {
        let name = draw.distribution.text.as_str();
        if !known.unit.is_dimensionless() || known.unit.is_percent() {
            let message = format!("`{name}` draws a plain number, not one in {}", known.unit);
            self.report(Diagnostic::error(
                code::UNIT_MISMATCH,
                message,
                draw.distribution.span,
            ));
            return None;
        }
        let wanted = match name {
            "negbinomial" => Some(DrawRole::Dispersion),
            "binomial" => Some(DrawRole::Plain),
            _ => None,
        };
        match (wanted, draw.arguments.as_slice()) {
            (None, []) if name == "bernoulli" => Some(Draw::Bernoulli),
            (None, []) => Some(Draw::Poisson),
            (Some(role), [argument]) if argument.role == role => {
                let user = format!("`{name}`");
                let value = self.plain_number_at(&argument.value, &user, argument.span)?.expr;
                Some(match role {
                    DrawRole::Dispersion => Draw::NegativeBinomial(value),
                    _ => Draw::Binomial(value),
                })
            }
            (Some(DrawRole::Dispersion), []) => {
                let message = "`negbinomial` needs its dispersion";
                let fault = Diagnostic::error(code::MISSING_SPREAD, message, draw.span)
                    .help("write `negbinomial dispersion ...`: the variance is m + a m^2");
                self.report(fault);
                None
            }
            (Some(DrawRole::Plain), []) => {
                let message = "`binomial` needs the number of trials";
                self.report(Diagnostic::error(code::MISSING_SPREAD, message, draw.span));
                None
            }
            (Some(DrawRole::Dispersion), [argument, ..])
                if argument.role == DrawRole::Plain =>
            {
                let message = "say what the number is: `negbinomial dispersion ...`";
                self.report(Diagnostic::error(code::SPREAD_UNNAMED, message, argument.span));
                None
            }
            (_, [argument, ..]) => self.not_of(draw, argument),
            (Some(_), []) => None,
        }
    }
}
