//! Correlated deviates: shapes, spreads, and whether a matrix can be a covariance.

use super::constant::constant;
use super::world::{Entry, Frame, Item, World};
use crate::syntax::{Name, Statement, StatementKind, counted};
use crate::{Block, Spread, SymbolKind};
use proband_diag::{Diagnostic, Span, code};
use std::rc::Rc;

impl World {
    /// Every block of a file, after which no distribution may wait for its spread.
    pub(crate) fn blocks(&mut self) {
        for (statement, frame) in self.later.clone() {
            if let StatementKind::Block { correlation, names, numbers } = &statement.kind
                && let Some(members) = self.members_of_block(&statement, &frame, names)
            {
                self.block(&statement, members, *correlation, numbers);
            }
        }
        self.missing_spreads();
    }

    /// Positions of the parameters that a block names, families member by member; none if one is
    /// faulty, which is or was reported.
    fn members_of_block(
        &mut self,
        statement: &Rc<Statement>,
        frame: &Frame,
        names: &[Name],
    ) -> Option<Vec<usize>> {
        let mut members = Vec::new();
        let mut faulty = statement.faulty;
        for name in names {
            match self.parameters_named(frame, name) {
                Some(positions) => members.extend(positions),
                None => {
                    faulty = true;
                    self.forgive(frame, name);
                }
            }
        }
        if faulty {
            for position in members {
                self.waiting.remove(&position);
            }
            return None;
        }
        Some(members)
    }

    /// Parameters of a faulty block have no spread to miss.
    fn forgive(&mut self, frame: &Frame, name: &Name) {
        if let Some(Entry::Quantity(quantity)) =
            self.spaces[frame.space].names.get(&name.text).map(|named| named.entry.clone())
        {
            for item in self.quantities[quantity].members.values() {
                if let Some(position) = self.parameter_of(*item) {
                    self.waiting.remove(&position);
                }
            }
        }
    }

    fn parameter_of(&self, item: usize) -> Option<usize> {
        match self.model.symbols[self.items[item].symbol?.index()].kind {
            SymbolKind::Parameter(position) => Some(position),
            _ => None,
        }
    }

    fn parameters_named(&mut self, frame: &Frame, name: &Name) -> Option<Vec<usize>> {
        let space = &self.spaces[frame.space];
        let quantity = match space.names.get(&name.text).map(|named| &named.entry) {
            Some(Entry::Quantity(quantity)) => *quantity,
            Some(Entry::Silent) => return None,
            None if space.any_name || space.silenced.contains(&name.text) => return None,
            Some(_) => return self.not_a_parameter(name),
            None => {
                let known = space.names.keys().map(String::as_str);
                let meant = proband_diag::nearest(&name.text, known);
                let message = format!("unknown name `{}`", name.text);
                let fault = Diagnostic::error(code::UNKNOWN_NAME, message, name.span)
                    .maybe_help(meant.map(|n| format!("did you mean `{n}`?")));
                self.faults.push(fault);
                return None;
            }
        };
        let family = &self.quantities[quantity];
        let items: Vec<usize> = family.order.iter().map(|key| family.members[key]).collect();
        let mut positions = Vec::new();
        for item in items {
            let faulty = matches!(self.items[item].known, super::world::Known::Faulty);
            match self.parameter_of(item) {
                Some(_) if faulty => return None,
                Some(position) => positions.push(position),
                None => return self.not_a_parameter(name),
            }
        }
        Some(positions)
    }

    fn not_a_parameter(&mut self, name: &Name) -> Option<Vec<usize>> {
        let message = format!("`{}` has no between-twin variability to correlate", name.text);
        let fault = Diagnostic::error(code::NO_VARIABILITY, message, name.span)
            .help("only parameters vary between twins: a random effect is a `param`");
        self.faults.push(fault);
        None
    }

    fn block(
        &mut self,
        statement: &Rc<Statement>,
        members: Vec<usize>,
        correlation: bool,
        numbers: &[f64],
    ) {
        let n = members.len();
        let (full, off) = (n * (n + 1) / 2, n * n.saturating_sub(1) / 2);
        let is_full = numbers.len() == full && !correlation;
        if !is_full && numbers.len() != off {
            self.wrong_shape(n, numbers.len(), correlation, statement.span);
            members.iter().for_each(|position| {
                self.waiting.remove(position);
            });
            return;
        }
        // A replaced parameter has lost its spread, and with it its place in the block.
        let kept: Vec<usize> =
            (0..n).filter(|&place| !self.is_replaced(members[place])).collect();
        let members: Vec<usize> = kept.iter().map(|&place| members[place]).collect();
        if !self.can_be_correlated(statement, &members, is_full) {
            return;
        }
        let variances = match (is_full, correlation) {
            (true, _) => Some(kept.iter().map(|&at| numbers[triangle(at, at)]).collect()),
            (false, true) => Some(vec![1.0; kept.len()]),
            (false, false) => self.known_variances(statement, &members),
        };
        let Some(variances) = variances else { return };
        let covariance = matrix(kept.len(), |row, column| {
            let (at_row, at_column) = (kept[row], kept[column]);
            match (is_full, row == column) {
                (_, true) => variances[row],
                (true, false) => numbers[triangle(at_row, at_column)],
                (false, false) => numbers[off_diagonal(at_row, at_column)],
            }
        });
        if let Some(trouble) = trouble(kept.len(), &covariance) {
            self.not_positive_definite(statement, &members, &trouble);
            return;
        }
        if is_full || kept.len() > 1 {
            self.join(members, &covariance, is_full, statement.span);
        }
    }

    fn item_of(&self, parameter: usize) -> Option<&Item> {
        let symbol = self.model.parameters[parameter].symbol;
        self.items.iter().find(|item| item.symbol == Some(symbol))
    }

    /// Whether `with` replaced a parameter and gave it no spread.
    fn is_replaced(&self, position: usize) -> bool {
        let parameter = &self.model.parameters[position];
        let bound = self.item_of(position).is_some_and(|item| item.bound.is_some());
        bound && parameter.between_twins.is_none() && !self.waiting.contains_key(&position)
    }

    /// The variances of members whose lines say their spreads in numbers; a covariance is none where
    /// the spreads change from twin to twin.
    fn known_variances(
        &mut self,
        statement: &Statement,
        members: &[usize],
    ) -> Option<Vec<f64>> {
        let sds = members.iter().map(|&position| self.known_sd(position));
        let variances: Option<Vec<f64>> = sds.map(|sd| sd.map(|sd| sd * sd)).collect();
        if variances.is_none() {
            let message = "a covariance needs spreads that are numbers";
            let fault = Diagnostic::error(code::WRONG_SPREAD, message, statement.span);
            self.faults
                .push(fault.help("say how they are correlated: `correlation ... = ...`"));
        }
        variances
    }

    fn wrong_shape(&mut self, n: usize, given: usize, correlation: bool, span: Span) {
        let (full, off) = (n * (n + 1) / 2, n * n.saturating_sub(1) / 2);
        let parameters = counted(n, "parameter");
        let verb = if n == 1 { "needs" } else { "need" };
        let message = if correlation {
            format!("{parameters} {verb} {off} correlations, {given} given")
        } else {
            format!(
                "{parameters} {verb} {full} numbers (the lower triangle) or {off} (the \
                 covariances alone), {given} given"
            )
        };
        self.faults.push(Diagnostic::error(code::COVARIANCE_SHAPE, message, span));
    }

    /// Whether each member varies, is in no other block, and has its spread said once.
    fn can_be_correlated(
        &mut self,
        statement: &Rc<Statement>,
        members: &[usize],
        is_full: bool,
    ) -> bool {
        let StatementKind::Block { names, .. } = &statement.kind else { return false };
        let before = self.faults.len();
        for &position in members {
            let parameter = &self.model.parameters[position];
            let full_name = self.model.symbols[parameter.symbol.index()].name.clone();
            let base = self.item_of(position).map_or("", Item::head_name);
            let place =
                names.iter().find(|name| name.text == base).map_or(statement.span, |n| n.span);
            let waits = self.waiting.contains_key(&position);
            let fault = match &parameter.between_twins {
                _ if parameter.block.is_some() => Some(
                    Diagnostic::error(
                        code::SPREAD_TWICE,
                        format!("`{full_name}` is in two blocks"),
                        place,
                    )
                    .help("write one block for all that is correlated"),
                ),
                None if !waits => Some(no_variability(&full_name, place)),
                Some(Spread::Uniform(..) | Spread::Bernoulli) => {
                    let message = format!("`{full_name}` has no deviate to correlate");
                    let help = "only normal, log-normal and logit-normal parameters have one";
                    Some(Diagnostic::error(code::WRONG_SPREAD, message, place).help(help))
                }
                Some(_) if is_full => {
                    let message =
                        format!("`{full_name}` has its spread on its line and in the block");
                    let help = "keep one: beside a full block the line says only `~ lognormal`";
                    Some(Diagnostic::error(code::SPREAD_TWICE, message, place).help(help))
                }
                None if !is_full => {
                    let message = format!("`{full_name}` has no spread");
                    let help = "beside the off-diagonals its line says how much it varies";
                    Some(Diagnostic::error(code::MISSING_SPREAD, message, place).help(help))
                }
                _ => None,
            };
            if let Some(fault) = fault {
                self.faults.push(fault);
            }
        }
        let fine = self.faults.len() == before;
        if !fine {
            members.iter().for_each(|position| {
                self.waiting.remove(position);
            });
        }
        fine
    }

    fn known_sd(&self, position: usize) -> Option<f64> {
        match self.model.parameters[position].between_twins.as_ref()? {
            Spread::LogNormal(sd)
            | Spread::Normal(sd)
            | Spread::Proportional(sd)
            | Spread::LogitNormal(sd) => constant(sd),
            _ => None,
        }
    }

    fn not_positive_definite(
        &mut self,
        statement: &Rc<Statement>,
        members: &[usize],
        trouble: &Trouble,
    ) {
        let name = |member: usize| {
            let symbol = self.model.parameters[members[member]].symbol;
            self.model.symbols[symbol.index()].name.clone()
        };
        let help = match *trouble {
            Trouble::Variance(row) => {
                format!("the variance of `{}` must be positive", name(row))
            }
            Trouble::Pair(row, column, correlation) => format!(
                "the correlation of `{}` and `{}` would be {correlation:.2}",
                name(row),
                name(column)
            ),
            Trouble::Given(row, column, correlation) => format!(
                "beside the others, the correlation of `{}` and `{}` would be {correlation:.2}",
                name(row),
                name(column)
            ),
        };
        let message = "the block is not positive definite";
        let fault = Diagnostic::error(code::NOT_POSITIVE_DEFINITE, message, statement.span);
        self.faults.push(fault.help(help));
        for position in members {
            self.waiting.remove(position);
        }
    }

    /// Enters a block, and the spreads that it gives.
    fn join(&mut self, members: Vec<usize>, covariance: &[f64], is_full: bool, span: Span) {
        let (block, n) = (self.model.blocks.len(), members.len());
        let sd = |place: usize| covariance[place * n + place].sqrt();
        for (place, &position) in members.iter().enumerate() {
            let waiting = self.waiting.remove(&position);
            let parameter = &mut self.model.parameters[position];
            parameter.block = Some((block, place));
            if let (true, Some(waiting)) = (is_full, waiting) {
                let sd = crate::Expr::Number(sd(place));
                parameter.between_twins = Some(match waiting.distribution.as_str() {
                    "lognormal" => Spread::LogNormal(sd),
                    "logitnormal" => Spread::LogitNormal(sd),
                    _ => Spread::Normal(sd),
                });
            }
        }
        let correlation = matrix(n, |row, column| {
            if row == column {
                1.0
            } else {
                covariance[row * n + column] / (sd(row) * sd(column))
            }
        });
        self.model.blocks.push(Block { members, correlation, span });
    }

    fn missing_spreads(&mut self) {
        for (position, waiting) in std::mem::take(&mut self.waiting) {
            let parameter = &self.model.parameters[position];
            let occasions_only = parameter.between_occasions.is_some();
            if occasions_only {
                continue;
            }
            let name = &self.model.symbols[parameter.symbol.index()].name;
            let message = format!("`{name}` has a distribution without a spread");
            let fault = Diagnostic::error(code::MISSING_SPREAD, message, waiting.span)
                .help("say `sd ...`, `cv ...` or `var ...`, or name it in a `covariance`");
            self.keep_fault(fault, waiting.span);
        }
    }
}

fn no_variability(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` has no between-twin variability to correlate");
    Diagnostic::error(code::NO_VARIABILITY, message, span)
        .help(format!("add `~ lognormal` to `param {name}`"))
}

/// The position of an entry in a lower triangle that is printed row by row.
fn triangle(row: usize, column: usize) -> usize {
    let (row, column) = (row.max(column), row.min(column));
    row * (row + 1) / 2 + column
}

/// The same without the diagonal.
fn off_diagonal(row: usize, column: usize) -> usize {
    let (row, column) = (row.max(column), row.min(column));
    row * (row - 1) / 2 + column
}

fn matrix(n: usize, entry: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    (0..n * n).map(|at| entry(at / n, at % n)).collect()
}

/// A share of a variance that is nothing but rounding.
const SINGULAR: f64 = 1e-14;

/// Why a matrix is no covariance.
enum Trouble {
    Variance(usize),
    Pair(usize, usize, f64),
    /// The correlation of two beside those before them.
    Given(usize, usize, f64),
}

/// What is wrong with a symmetric matrix, if it is not positive definite: by Cholesky's
/// decomposition, after the pairs alone.
fn trouble(n: usize, a: &[f64]) -> Option<Trouble> {
    let positive = |value: f64| value.is_finite() && value > 0.0;
    if let Some(row) = (0..n).find(|&row| !positive(a[row * n + row])) {
        return Some(Trouble::Variance(row));
    }
    for row in 0..n {
        for column in 0..row {
            let scale = (a[row * n + row] * a[column * n + column]).sqrt();
            let correlation = a[row * n + column] / scale;
            if correlation.is_nan() || correlation.abs() >= 1.0 {
                return Some(Trouble::Pair(row, column, correlation));
            }
        }
    }
    cholesky_trouble(n, a)
}

fn cholesky_trouble(n: usize, a: &[f64]) -> Option<Trouble> {
    let mut l = vec![0.0; n * n];
    for row in 0..n {
        let mut worst = (0, 0.0_f64);
        let mut left = a[row * n + row];
        for column in 0..row {
            let sum: f64 = (0..column).map(|k| l[row * n + k] * l[column * n + k]).sum();
            let entry = (a[row * n + column] - sum) / l[column * n + column];
            // What is left of the row's variance is shared out; more than all is impossible.
            let partial = if left > 0.0 { entry / left.sqrt() } else { entry };
            if partial.abs() > worst.1.abs() {
                worst = (column, partial);
            }
            l[row * n + column] = entry;
            left -= entry * entry;
        }
        if left <= SINGULAR * a[row * n + row] {
            return Some(Trouble::Given(row, worst.0, worst.1));
        }
        l[row * n + row] = left.sqrt();
    }
    None
}
