//! Calls: functions of the language, functions and tables of the model, functions of a trial.

use super::functions::function_names;
use super::{Checker, Names};
use crate::check::typed::Typed;
use crate::check::world::{Entry, Frame, Function};
use crate::syntax::{Expr, ExprKind, Name, Path};
use crate::{Expr as Value, Level};
use proband_diag::{Diagnostic, Span, code, nearest};

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        function: &Name,
        arguments: &[Expr],
        span: Span,
    ) -> Option<Typed> {
        let outside = matches!(self.names, Names::Outside(_));
        if !(outside && function.text == "since")
            && let Some(result) = self.of_language(function, arguments, span)
        {
            return result;
        }
        let Names::Model(world) = self.names else {
            return self.call_outside(function, arguments, span);
        };
        let space = &world.spaces[self.frame.space];
        match space.names.get(&function.text).map(|named| &named.entry) {
            Some(Entry::Function(id)) => self.written_out(*id, arguments, function),
            Some(Entry::Curve(id)) => self.curve(*id, arguments, function),
            Some(Entry::Silent) => None,
            Some(_) => {
                let message = format!("`{}` is not a function", function.text);
                let fault = Diagnostic::error(code::NOT_A_FUNCTION, message, function.span)
                    .help(format!("to multiply write `{} * (...)`", function.text));
                self.report(fault)
            }
            None if space.any_name || space.silenced.contains(&function.text) => None,
            None => self.unknown_function(function),
        }
    }

    /// Reports a function that nobody knows.
    pub(super) fn unknown_function(&mut self, function: &Name) -> Option<Typed> {
        let name = &function.text;
        let help = if ["log", "LOG", "Log"].contains(&name.as_str()) {
            Some("write `ln` for the natural and `log10` for the decimal logarithm".to_owned())
        } else {
            let mut candidates: Vec<String> = function_names().map(str::to_owned).collect();
            candidates.extend(self.candidates());
            let meant = nearest(name, candidates.iter().map(String::as_str));
            meant.map(|meant| format!("did you mean `{meant}`?"))
        };
        let message = format!("unknown name `{name}`");
        let fault = Diagnostic::error(code::UNKNOWN_NAME, message, function.span);
        self.report_unfound(name, fault.maybe_help(help))
    }

    /// A function of the model, its arguments put in.
    fn written_out(&mut self, id: usize, arguments: &[Expr], function: &Name) -> Option<Typed> {
        let Names::Model(world) = self.names else { return None };
        let Function { name, arguments: names, body, space, file } = &world.functions[id];
        self.used.insert(name.span);
        if names.len() != arguments.len() {
            let expected = crate::syntax::counted(names.len(), "argument");
            self.wrong_arguments(function, &expected, arguments.len());
            return None;
        }
        if self.calls.contains(&id) {
            let message = format!("the function `{}` calls itself", name.text);
            return self.report(Diagnostic::error(
                code::CIRCULAR_DEFINITION,
                message,
                name.span,
            ));
        }
        let values: Vec<Option<Typed>> = arguments.iter().map(|e| self.check(e)).collect();
        let locals = names.iter().map(|n| n.text.clone()).zip(values).collect();
        let frame = Frame { space: *space, file: *file, indices: Vec::new(), locals };
        let caller = std::mem::replace(&mut self.frame, frame);
        self.calls.push(id);
        let value = self.check(body);
        self.calls.pop();
        self.frame = caller;
        value
    }

    fn curve(&mut self, id: usize, arguments: &[Expr], function: &Name) -> Option<Typed> {
        let Names::Model(world) = self.names else { return None };
        let table = &world.model.tables[id];
        self.used.insert(table.span);
        let [argument] = arguments else {
            self.wrong_arguments(function, "1 argument", arguments.len());
            return None;
        };
        let x = self.a_number(argument, "a table")?;
        if !x.any_unit && !x.unit.same_dimension(&table.x_unit) {
            let message = format!(
                "the argument of `{}` must be in {}, but has {}",
                function.text, table.x_unit, x.unit
            );
            let fault = Diagnostic::error(code::UNIT_MISMATCH, message, argument.span)
                .maybe_help(x.unit.difference(&table.x_unit));
            return self.report(fault);
        }
        let level = x.level;
        let expr = Value::Table(id, Box::new(self.convert(x, &table.x_unit)));
        Some(Typed::number(expr, table.y_unit.clone(), level))
    }

    /// `since(event)`
    pub(super) fn time_since(&mut self, argument: &Expr, span: Span) -> Option<Typed> {
        let Names::Model(world) = self.names else { return None };
        let ExprKind::Path(path) = &argument.kind else {
            return self.not_an_event("an expression", argument.span);
        };
        let (space, last) = self.space_of(path)?;
        let name = &path.segments[last].name;
        let Some(happening) = world.spaces[space].happenings.get(&name.text) else {
            if world.spaces[space].silenced.contains(&name.text) {
                return None;
            }
            return self.unknown_event(path, name, span);
        };
        let expr = Value::Since(*happening);
        Some(self.of_model_time(expr, Level::Time))
    }

    fn unknown_event(&mut self, path: &Path, name: &Name, span: Span) -> Option<Typed> {
        if self.is_declared(&name.text) {
            return self.not_an_event(&format!("`{}`", name.text), path.span);
        }
        let Names::Model(world) = self.names else { return None };
        let known = world.spaces[self.frame.space].happenings.keys().map(String::as_str);
        let help = nearest(&name.text, known).map(|n| format!("did you mean `{n}`?"));
        let message = format!("`{}` is not an event, a hazard or a route", name.text);
        let fault = Diagnostic::error(code::NOT_AN_EVENT, message, path.span.to(span));
        self.report(fault.maybe_help(help))
    }

    fn not_an_event(&mut self, what: &str, span: Span) -> Option<Typed> {
        let message = format!("{what} is not an event, a hazard or a route");
        self.report(Diagnostic::error(code::NOT_AN_EVENT, message, span))
    }
}
