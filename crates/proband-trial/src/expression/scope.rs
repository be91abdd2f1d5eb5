//! What names mean: the scope of a trial's expressions.

use super::{Context, Names, Quantities, above_0};
use crate::words::listed;
use crate::{Happening, Quantity};
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{
    Argument, Binary, Checker, Expr, Kind, Level, Meaning, Scope, SymbolKind, Unit,
};
use std::sync::Arc;

/// Names and functions of a trial in one context.
pub(crate) struct TrialScope<'a> {
    pub(crate) names: &'a Names,
    pub(crate) quantities: &'a mut Quantities,
    pub(crate) context: Context,
    /// What the expression uses and this version cannot do yet.
    pub(crate) later: Vec<(Span, String)>,
    /// It uses a covariate whose own expression is not checked yet.
    pub(crate) blocked: bool,
}

/// Words of the expression contexts that no covariate may be called by.
pub(crate) const RESERVED: &[&str] = &[
    "arm",
    "dose",
    "rung",
    "cycle",
    "taken",
    "on_treatment",
    "entry",
    "now",
    "last_dose",
    "calendar",
    "t",
];

impl<'a> TrialScope<'a> {
    /// The names of a context.
    pub(crate) fn new(
        names: &'a Names,
        quantities: &'a mut Quantities,
        context: Context,
    ) -> Self {
        Self { names, quantities, context, later: Vec::new(), blocked: false }
    }
}

impl TrialScope<'_> {
    /// A value.
    pub(super) fn value(expr: Expr, unit: Unit, kind: Kind) -> Meaning {
        Meaning::Value { expr, unit, kind }
    }

    /// A quantity as a number in a unit.
    pub(super) fn number(&mut self, quantity: Quantity, unit: Unit) -> Meaning {
        let expr = self.quantities.symbol(quantity);
        Self::value(expr, unit, Kind::Number)
    }

    /// Whether a quantity is above 0.
    pub(super) fn holds(&mut self, quantity: Quantity) -> Meaning {
        let value = self.quantities.symbol(quantity);
        Self::value(above_0(value), Unit::one(), Kind::Condition)
    }

    /// A fault of an expression.
    pub(super) fn fault(fault: Diagnostic) -> Meaning {
        Meaning::Fault(Box::new(fault))
    }

    /// Something typed that cannot be done yet: the expression is checked further, and the trial
    /// that needs it is refused.
    pub(super) fn later(&mut self, span: Span, what: &str, unit: Unit, kind: Kind) -> Meaning {
        self.later.push((span, what.to_owned()));
        Self::value(Expr::Number(0.0), unit, kind)
    }

    fn word(&mut self, name: &str, span: Span) -> Option<Meaning> {
        let during = !matches!(self.context, Context::Draw | Context::Screening);
        if !during {
            return None;
        }
        if name == "arm" {
            let kind = Kind::Level(self.names.arms.clone());
            let expr = self.quantities.symbol(Quantity::Arm);
            return Some(Self::value(expr, Unit::one(), kind));
        }
        let (quantity, unit, kind) = self.word_of_conduct(name)?;
        match self.context {
            Context::Seen | Context::Truth => {}
            Context::Dosing if !matches!(quantity, Quantity::Dose(_)) => {}
            Context::Dosing => {
                let message = "an amount cannot be worked out from the dose that it gives";
                return Some(Self::fault(Diagnostic::error(code::WRONG_PLACE, message, span)));
            }
            context => {
                let what = format!("`{name}` {}", context.place());
                return Some(self.later(span, &what, unit, kind));
            }
        }
        Some(match kind {
            Kind::Condition => self.holds(quantity),
            _ => self.number(quantity, unit),
        })
    }

    /// A word of the trial's calendar: when the participant has come, and what time it is.
    fn moment(&mut self, name: &str, span: Span) -> Option<Meaning> {
        if self.context == Context::Draw || !matches!(name, "entry" | "calendar" | "now") {
            return None;
        }
        if name != "entry" && self.time().is_none() {
            let message = format!("`{name}` belongs where treatment is under way");
            return Some(Self::fault(Diagnostic::error(code::WRONG_PLACE, message, span)));
        }
        if name != "now" && !self.names.has_calendar {
            let message =
                format!("`{name}` is a time of the calendar, and nobody comes on one");
            let fault = Diagnostic::error(code::MISSING_KEY, message, span);
            return Some(Self::fault(fault.help("add `[accrual]`")));
        }
        let entry = self.quantities.symbol(Quantity::Entry);
        let expr = match name {
            "entry" => entry,
            "now" => Expr::Time,
            _ => Expr::binary(Binary::Add, entry, Expr::Time),
        };
        Some(Self::value(expr, Unit::day(), Kind::Number))
    }

    /// Where the participant has come to.
    fn place(&mut self, name: &str) -> Option<Meaning> {
        let (quantity, levels) = match name {
            "site" => (Quantity::Site, &self.names.sites),
            "region" => (Quantity::Region, &self.names.regions),
            _ => return None,
        };
        if levels.is_empty() || self.context == Context::Draw {
            return None;
        }
        let kind = Kind::Level(Arc::clone(levels));
        let expr = self.quantities.symbol(quantity);
        Some(Self::value(expr, Unit::one(), kind))
    }

    /// What a word says of the participant's treatment.
    fn word_of_conduct(&self, name: &str) -> Option<(Quantity, Unit, Kind)> {
        let dose_unit = self.dose_unit();
        Some(match name {
            "dose" => (Quantity::Dose(dose_unit.clone()), dose_unit, Kind::Number),
            "rung" => (Quantity::Rung, Unit::one(), Kind::Number),
            "cycle" => (Quantity::Cycle, Unit::one(), Kind::Number),
            "taken" => (Quantity::Taken, Unit::one(), Kind::Condition),
            "on_treatment" => (Quantity::OnTreatment, Unit::one(), Kind::Condition),
            "last_dose" => (Quantity::LastDose, Unit::day(), Kind::Number),
            _ => return None,
        })
    }

    fn dose_unit(&self) -> Unit {
        let units = self.names.regimens.iter().filter_map(|regimen| regimen.unit.clone());
        units.into_iter().next().unwrap_or_else(Unit::one)
    }

    fn covariate(&mut self, name: &str) -> Option<Meaning> {
        let index = self.names.covariate(name)?;
        let covariate = &self.names.covariates[index];
        if covariate.faulty {
            return Some(Meaning::Silent);
        }
        let Some((unit, kind)) = covariate.value.clone() else {
            self.blocked = true;
            return Some(Meaning::Silent);
        };
        let expr = self.quantities.symbol(Quantity::Covariate(index));
        Some(Self::value(expr, unit, kind))
    }

    fn observable(&mut self, name: &str, span: Span) -> Option<Meaning> {
        let index = self.names.observable(name)?;
        let observed = &self.names.observables[index];
        if let Some(fault) = self.ambiguous(name, span) {
            return Some(fault);
        }
        let (model, position) = (observed.model, observed.index);
        let kind = observed.levels.clone().map_or(Kind::Number, |l| Kind::Level(l.into()));
        let unit = observed.unit.clone();
        Some(match self.context {
            Context::Draw => return None,
            Context::Truth => {
                let owner = self.names.models[model].1.as_ref()?;
                let symbol = owner.observables[position].symbol;
                let level = owner.symbols[symbol.index()].level;
                let held = owner.symbols[symbol.index()].unit.clone();
                let quantity = Quantity::Truth { model, symbol, level };
                let expr = self.quantities.symbol(quantity);
                Self::value(expr, held, kind)
            }
            Context::Endpoint => {
                if let Some(fault) = self.never_observed(index, span) {
                    return Some(fault);
                }
                self.later(span, "a value at every visit", unit, kind)
            }
            Context::Screening | Context::Dosing | Context::Seen => {
                if let Some(fault) = self.unseen_record(index, span) {
                    return Some(fault);
                }
                let expr = self.quantities.symbol(Quantity::Record(index));
                Self::value(expr, unit, kind)
            }
        })
    }

    fn symbol(&mut self, name: &str, span: Span) -> Option<Meaning> {
        let found = self.names.symbol(name)?;
        let (model, symbol, level) = (found.model, found.id, found.symbol.level);
        let kind = found.symbol.category.map_or(Kind::Number, |category| {
            Kind::Level(found.owner.categories[category].levels.clone().into())
        });
        let (unit, what) = (found.symbol.unit.clone(), described(found.symbol.kind));
        if let Some(fault) = self.ambiguous(name, span) {
            return Some(fault);
        }
        match self.context {
            Context::Truth => {
                let quantity = Quantity::Truth { model, symbol, level };
                let expr = self.quantities.symbol(quantity);
                Some(Self::value(expr, unit, kind))
            }
            Context::Draw if level <= Level::Twin => {
                Some(self.later(span, "a covariate derived from a parameter", unit, kind))
            }
            Context::Draw => Some(Self::fault(Diagnostic::error(
                code::WRONG_PLACE,
                format!("`{name}` is {what}, and a derived covariate uses covariates only"),
                span,
            ))),
            _ => Some(self.unseen(name, what, model, symbol, span)),
        }
    }

    fn unseen(
        &self,
        name: &str,
        what: &str,
        model: usize,
        symbol: proband_lang::SymbolId,
        span: Span,
    ) -> Meaning {
        let message = match (self.context, what) {
            (Context::Screening, "a parameter") => {
                format!("`{name}` is {what}, which no screening visit can measure")
            }
            _ => format!(
                "`{name}` is {what}, and {} uses only what the trial saw",
                self.context.who()
            ),
        };
        let help =
            self.names.observed_by(model, symbol).map(|seen| format!("`{seen}` observes it"));
        Self::fault(Diagnostic::error(code::UNSEEN_NAME, message, span).maybe_help(help))
    }

    pub(super) fn ambiguous(&self, name: &str, span: Span) -> Option<Meaning> {
        let owners = self.names.declared_in(name);
        if owners.len() < 2 {
            return None;
        }
        let message = format!("`{name}` is declared by the models {}", listed(&owners));
        let help = format!("say which: `{}.{name}`", owners[0]);
        Some(Self::fault(Diagnostic::error(code::UNKNOWN_NAME, message, span).help(help)))
    }

    /// A name that is known, and is not a value.
    fn not_a_value(&self, name: &str, span: Span) -> Option<Meaning> {
        let (what, help) = match self.names.happening(name) {
            Some(Happening::AdverseEvent(_)) => {
                ("an adverse event", format!("write `happened({name})`"))
            }
            Some(Happening::Discontinuation(_)) => {
                ("a discontinuation", format!("write `happened({name})`"))
            }
            Some(Happening::Rule(_)) => ("a rule", format!("write `happened({name})`")),
            Some(Happening::Timed(_)) => {
                ("a time to an event", format!("write `time_to({name})`"))
            }
            Some(Happening::Model(_)) => ("a model event", format!("write `happened({name})`")),
            None if self.names.regimens(name).is_some() => {
                ("a regimen", format!("write `daily_dose({name})`"))
            }
            None => return None,
        };
        let message = format!("`{name}` is {what}, not a value");
        Some(Self::fault(Diagnostic::error(code::NOT_A_VALUE, message, span).help(help)))
    }
}

impl Scope for TrialScope<'_> {
    fn name(&mut self, name: &str, span: Span) -> Meaning {
        if let Some(meaning) = self
            .word(name, span)
            .or_else(|| self.moment(name, span))
            .or_else(|| self.covariate(name))
            .or_else(|| self.place(name))
            .or_else(|| self.observable(name, span))
            .or_else(|| self.symbol(name, span))
            .or_else(|| self.not_a_value(name, span))
        {
            return meaning;
        }
        if self.names.incomplete { Meaning::Silent } else { Meaning::Unknown }
    }

    fn call(
        &mut self,
        function: &str,
        arguments: &[Argument<'_>],
        span: Span,
        checker: &mut dyn Checker,
    ) -> Meaning {
        self.call_function(function, arguments, span, checker)
    }

    fn candidates(&self) -> Vec<String> {
        let names = self.names;
        let mut all: Vec<String> = Vec::new();
        all.extend(names.covariates.iter().map(|covariate| covariate.name.clone()));
        all.extend(names.observables.iter().map(|observed| observed.name.clone()));
        if self.context == Context::Truth {
            for (_, _, model) in names.sound_models() {
                all.extend(model.symbols.iter().map(|symbol| symbol.name.clone()));
            }
        }
        all.extend(names.happening_ids());
        all.extend(super::calls::functions(self.context).map(str::to_owned));
        if !matches!(self.context, Context::Draw | Context::Screening) {
            all.push("arm".to_owned());
        }
        all
    }

    fn time(&self) -> Option<Unit> {
        let moves = matches!(self.context, Context::Dosing | Context::Seen | Context::Truth);
        moves.then(Unit::day)
    }

    fn takes_time_points(&self) -> bool {
        self.context != Context::Draw
    }

    fn is_continuous(&self, value: &Expr) -> bool {
        let Expr::Symbol(symbol) = value else { return false };
        let Some(Quantity::Truth { model, symbol, .. }) = self.quantities.get(*symbol) else {
            return false;
        };
        let (_, owner) = &self.names.models[*model];
        owner.as_ref().is_some_and(|owner| owner.is_continuous(&Expr::Symbol(*symbol)))
    }
}

/// What a symbol is, in words.
fn described(kind: SymbolKind) -> &'static str {
    match kind {
        SymbolKind::Typical(_) | SymbolKind::Parameter(_) => "a parameter",
        SymbolKind::Covariate(_) => "a covariate",
        SymbolKind::Input(_) => "an input",
        SymbolKind::Let(_) => "a derived quantity",
        SymbolKind::State(_) => "a state",
        SymbolKind::Amount => "the amount of a dose",
    }
}
