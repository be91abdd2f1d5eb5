//! What names and functions mean at a look, where the trial is asked about as a whole.

use super::calls::{Call, holds};
use super::records::Refused;
use super::scope::TrialScope;
use crate::timeline::same_time;
use crate::words::{unnamed, unnamed_as};
use crate::{Expression, Quantity, TrialQuantity};
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Argument, Binary, Checked, Checker, Expr, Kind, Meaning, Scope, Unit};

/// An endpoint, as looks name it.
pub(crate) struct EndpointName {
    pub(crate) id: String,
    /// Whether it is a time.
    pub(crate) is_time: bool,
}

/// An analysis, as looks name it.
pub(crate) struct AnalysisName {
    pub(crate) id: String,
    /// Position in `Trial::analyses`, and the unit of its estimate; none where it has a fault.
    pub(crate) sound: Option<(usize, Unit)>,
}

/// What can be asked at a look.
pub(crate) struct LookNames {
    pub(crate) endpoints: Vec<EndpointName>,
    pub(crate) analyses: Vec<AnalysisName>,
    /// Whether participants arrive on a calendar.
    pub(crate) has_calendar: bool,
}

/// Names and functions of looks (counts and the calendar) or of adaptations (findings too).
pub(crate) struct LookScope<'a> {
    /// For conditions on participants: those of a subgroup.
    pub(crate) participant: TrialScope<'a>,
    pub(crate) names: &'a LookNames,
    pub(crate) with_findings: bool,
    /// Names that stand for no number of the trial, unless a function takes them.
    loose: Vec<(Span, Loose)>,
}

/// What stands for no number by itself.
#[derive(Clone)]
enum Loose {
    Analysis(String),
    Participant(String),
}

/// Functions that take findings.
const OF_FINDINGS: [&str; 6] =
    ["p", "z", "estimate", "conditional_power", "predictive_power", "posterior"];

/// Functions that count.
const OF_COUNTS: [&str; 2] = ["events", "completed"];

impl<'a> LookScope<'a> {
    pub(crate) fn new(
        participant: TrialScope<'a>,
        names: &'a LookNames,
        with_findings: bool,
    ) -> Self {
        Self { participant, names, with_findings, loose: Vec::new() }
    }

    /// What the expression names though it is no number of the trial.
    pub(crate) fn faults(self) -> Vec<Diagnostic> {
        let fault = |(span, loose)| match loose {
            Loose::Analysis(id) => {
                let message = format!("`{id}` is an analysis, not a value");
                Diagnostic::error(code::NOT_A_VALUE, message, span)
                    .help(format!("write `p({id})`, `z({id})` or `estimate({id})`"))
            }
            Loose::Participant(name) => {
                let message = format!("`{name}` is about one participant, and a look is not");
                Diagnostic::error(code::WRONG_PLACE, message, span)
            }
        };
        self.loose.into_iter().map(fault).collect()
    }

    fn of_trial(&mut self, quantity: TrialQuantity, unit: Unit) -> Meaning {
        self.participant.number(Quantity::OfTrial(quantity), unit)
    }

    fn word(&mut self, name: &str, span: Span) -> Option<Meaning> {
        let quantity = match name {
            "enrolled" => TrialQuantity::Enrolled,
            "randomised" => TrialQuantity::Randomised,
            "participants" => TrialQuantity::Participants,
            "calendar" if !self.names.has_calendar => {
                let message = "there is no calendar: all participants start together";
                let fault = Diagnostic::error(code::WRONG_DESIGN, message, span);
                return Some(TrialScope::fault(fault.help("add `[accrual]`")));
            }
            "calendar" => return Some(self.of_trial(TrialQuantity::Calendar, Unit::day())),
            _ => return None,
        };
        Some(self.of_trial(quantity, Unit::one()))
    }

    /// An analysis stands for its estimate, inside of `posterior`.
    fn analysis_as_value(&mut self, name: &str, span: Span) -> Option<Meaning> {
        let analysis = self.names.analyses.iter().find(|analysis| analysis.id == name)?;
        let Some((position, unit)) = analysis.sound.clone() else {
            return Some(Meaning::Silent);
        };
        self.loose.push((span, Loose::Analysis(name.to_owned())));
        Some(self.of_trial(TrialQuantity::Estimate(position), unit))
    }

    /// What stands in the arguments of a function of looks is that function's business.
    fn take_in(&mut self, arguments: &[Argument<'_>]) {
        let within = |span: Span| arguments.iter().any(|argument| holds(argument.span, span));
        self.loose.retain(|(span, _)| !within(*span));
    }

    fn call_of_look(&mut self, call: &mut Call<'_, '_>) -> Meaning {
        self.take_in(call.arguments);
        let meaning = match call.function {
            "events" => self.events(call),
            "completed" => self.completed(call),
            "posterior" => self.posterior(call),
            _ => self.finding(call),
        };
        meaning.unwrap_or_else(|refused| *refused)
    }

    fn events(&mut self, call: &Call<'_, '_>) -> Result<Meaning, Refused> {
        let takes = "an endpoint that is a time";
        let Some((name, span)) = call.name(0).filter(|_| call.arguments.len() == 1) else {
            return Err(Box::new(call.wrong_arguments(takes)));
        };
        let found = self.names.endpoints.iter().position(|endpoint| endpoint.id == name);
        match found {
            Some(index) if self.names.endpoints[index].is_time => {
                Ok(self.of_trial(TrialQuantity::Events(index), Unit::one()))
            }
            Some(_) => Err(Box::new(call.wrong_arguments(takes))),
            None => {
                let known = self.names.endpoints.iter().map(|endpoint| endpoint.id.as_str());
                Err(refused(unnamed("endpoint", &name, span, known)))
            }
        }
    }

    /// Who has attended a visit; in a trial without visits, who has been followed for so long.
    fn completed(&mut self, call: &mut Call<'_, '_>) -> Result<Meaning, Refused> {
        let takes = "a time point, such as `week 12`";
        let (day, shown) = call.day(0, takes)?;
        if call.arguments.len() != 1 {
            return Err(Box::new(call.wrong_arguments(takes)));
        }
        let timeline = &self.participant.names.timeline;
        let encounters = &timeline.encounters;
        let found = encounters.iter().position(|encounter| same_time(encounter.day, day));
        let quantity = match found {
            Some(encounter) => TrialQuantity::Attended(encounter),
            None if encounters.is_empty() || timeline.faulty => TrialQuantity::FollowedFor(day),
            None => {
                let message = format!("nothing is observed at {shown}");
                let fault =
                    Diagnostic::error(code::NO_SUCH_ENCOUNTER, message, call.arguments[0].span);
                return Err(refused(fault));
            }
        };
        Ok(self.of_trial(quantity, Unit::one()))
    }

    fn finding(&mut self, call: &mut Call<'_, '_>) -> Result<Meaning, Refused> {
        let subgroups = call.function == "conditional_power";
        if call.arguments.len() != 1 && !(subgroups && call.arguments.len() == 2) {
            let takes = match subgroups {
                true => "an analysis, and a condition on participants",
                false => "an analysis",
            };
            return Err(Box::new(call.wrong_arguments(takes)));
        }
        let (analysis, unit) = self.analysis(call)?;
        let quantity = match call.function {
            "p" => TrialQuantity::PValue(analysis),
            "z" => TrialQuantity::Z(analysis),
            "estimate" => return Ok(self.of_trial(TrialQuantity::Estimate(analysis), unit)),
            "predictive_power" => TrialQuantity::PredictivePower(analysis),
            _ => {
                let subgroup = self.subgroup(call)?.map(Box::new);
                TrialQuantity::ConditionalPower { analysis, subgroup }
            }
        };
        Ok(self.of_trial(quantity, Unit::one()))
    }

    fn analysis(&self, call: &Call<'_, '_>) -> Result<(usize, Unit), Refused> {
        let Some((name, span)) = call.name(0) else {
            return Err(Box::new(call.wrong_arguments("the id of an analysis")));
        };
        match self.names.analyses.iter().find(|analysis| analysis.id == name) {
            Some(analysis) => analysis.sound.clone().ok_or_else(|| Box::new(Meaning::Silent)),
            None => {
                let known = self.names.analyses.iter().map(|analysis| analysis.id.as_str());
                let code = code::UNKNOWN_ANALYSIS;
                Err(refused(unnamed_as(code, "analysis", &name, span, known)))
            }
        }
    }

    /// The condition on participants beside an analysis.
    fn subgroup(&self, call: &mut Call<'_, '_>) -> Result<Option<Expression>, Refused> {
        let Some(&argument) = call.arguments.get(1) else { return Ok(None) };
        let checked = call.checker.check(argument).ok_or_else(|| Box::new(Meaning::Silent))?;
        let about_trial = self.participant.quantities.of(&checked.expr);
        let about_trial = about_trial.iter().any(|of| matches!(of, Quantity::OfTrial(_)));
        if checked.kind != Kind::Condition || about_trial {
            let message = "a subgroup is a condition on participants";
            let span = argument.span;
            return Err(refused(Diagnostic::error(code::WRONG_ARGUMENTS, message, span)));
        }
        let Checked { expr, unit, kind, .. } = checked;
        let (text, span) = ("a subgroup".to_owned(), Some(argument.span));
        Ok(Some(Expression { expr, unit, kind, text, span }))
    }

    /// `posterior(analysis < value)`, or `>`.
    fn posterior(&mut self, call: &mut Call<'_, '_>) -> Result<Meaning, Refused> {
        let takes = "an analysis compared with a number, such as `posterior(primary < 0)`";
        let [argument] = *call.arguments else {
            return Err(Box::new(call.wrong_arguments(takes)));
        };
        let checked = call.checker.check(argument).ok_or_else(|| Box::new(Meaning::Silent))?;
        let Some((analysis, value, below)) = self.compared(&checked.expr) else {
            return Err(Box::new(call.wrong_arguments(takes)));
        };
        let quantity = TrialQuantity::Posterior { analysis, below: value };
        let chance = self.participant.quantities.symbol(Quantity::OfTrial(quantity));
        let chance =
            if below { chance } else { Expr::binary(Binary::Sub, Expr::Number(1.0), chance) };
        Ok(TrialScope::value(chance, Unit::one(), Kind::Number))
    }

    /// The analysis whose estimate is compared with a number, that number, and whether it is to be below.
    fn compared(&self, expr: &Expr) -> Option<(usize, f64, bool)> {
        let Expr::Binary(how, left, right) = expr else { return None };
        let less = match how {
            Binary::Less | Binary::LessEqual => true,
            Binary::Greater | Binary::GreaterEqual => false,
            _ => return None,
        };
        let of = |expr: &Expr| match expr {
            Expr::Symbol(symbol) => match self.participant.quantities.get(*symbol)? {
                Quantity::OfTrial(TrialQuantity::Estimate(analysis)) => Some(*analysis),
                _ => None,
            },
            _ => None,
        };
        match (of(left), of(right)) {
            (Some(analysis), None) => Some((analysis, right.constant()?, less)),
            (None, Some(analysis)) => Some((analysis, left.constant()?, !less)),
            _ => None,
        }
    }
}

fn refused(fault: Diagnostic) -> Refused {
    Box::new(TrialScope::fault(fault))
}

impl Scope for LookScope<'_> {
    fn name(&mut self, name: &str, span: Span) -> Meaning {
        let meaning = self.word(name, span).or_else(|| self.analysis_as_value(name, span));
        meaning.unwrap_or_else(|| {
            let meaning = self.participant.name(name, span);
            if matches!(meaning, Meaning::Value { .. }) {
                self.loose.push((span, Loose::Participant(name.to_owned())));
            }
            meaning
        })
    }

    fn call(
        &mut self,
        function: &str,
        arguments: &[Argument<'_>],
        span: Span,
        checker: &mut dyn Checker,
    ) -> Meaning {
        let of_findings = OF_FINDINGS.contains(&function);
        if of_findings && !self.with_findings {
            self.take_in(arguments);
            let message = format!("`{function}` belongs to adaptations");
            let help = "a look falls by counts and the calendar, and is then analysed";
            let fault = Diagnostic::error(code::WRONG_PLACE, message, span);
            return TrialScope::fault(fault.help(help));
        }
        if of_findings || OF_COUNTS.contains(&function) {
            let mut call = Call { function, arguments, span, checker };
            return self.call_of_look(&mut call);
        }
        let meaning = self.participant.call(function, arguments, span, checker);
        if matches!(meaning, Meaning::Value { .. }) {
            self.loose.push((span, Loose::Participant(function.to_owned())));
        }
        meaning
    }

    fn candidates(&self) -> Vec<String> {
        let words = ["enrolled", "randomised", "participants", "calendar"];
        let functions =
            OF_COUNTS.iter().chain(OF_FINDINGS.iter().filter(|_| self.with_findings));
        words.iter().chain(functions).map(|&word| word.to_owned()).collect()
    }

    fn time(&self) -> Option<Unit> {
        None
    }

    fn takes_time_points(&self) -> bool {
        true
    }

    fn is_continuous(&self, _: &Expr) -> bool {
        false
    }
}
