//! Tables: families of numbers, and functions given by points.

use super::declare::{Declaration, known};
use super::world::{Entry, FileId, Known, Role, SpaceId, World};
use crate::syntax::{
    Axis, Column, Head, Name, Row, SetText, Statement, StatementKind, UnitText,
};
use crate::{Between, Kind, Level, Table, Unit};
use proband_diag::{Diagnostic, code};
use std::rc::Rc;

impl World {
    /// A table declares a set of its rows (done before) and a family for each column.
    pub(super) fn declare_table(
        &mut self,
        space: SpaceId,
        file: FileId,
        statement: &Rc<Statement>,
        name: &Name,
        columns: &[Column],
        rows: &[Row],
    ) {
        if statement.faulty {
            self.spaces[space].silenced.extend(columns.iter().map(|c| c.name.text.clone()));
            return;
        }
        for (position, column) in columns.iter().enumerate() {
            let unit = match &column.unit {
                Some(text) => self.unit_in(space, file, text),
                None => Some(Unit::one()),
            };
            let known =
                unit.map_or(Known::Faulty, |unit| known(unit, Kind::Number, Level::Constant));
            let set = SetText::Named { name: name.clone(), except: Vec::new() };
            let axes = vec![Axis { index: None, set }];
            let head = Head { name: column.name.clone(), axes };
            let (role, word) = (Role::Entry, "column of a table");
            let first = self.items.len();
            self.declare_head(&head, Declaration { space, file, statement, role, word, known });
            for (item, row) in self.items[first..].iter_mut().zip(rows) {
                item.value = row.values[position];
            }
        }
    }

    pub(super) fn declare_curve(
        &mut self,
        space: SpaceId,
        file: FileId,
        statement: &Rc<Statement>,
        name: &Name,
    ) {
        let StatementKind::Curve { x_unit, y_unit, linear, points, .. } = &statement.kind
        else {
            return;
        };
        let mut unit = |text: &Option<UnitText>| match text {
            Some(text) => self.unit_in(space, file, text),
            None => Some(Unit::one()),
        };
        let (Some(x_unit), Some(y_unit)) = (unit(x_unit), unit(y_unit)) else {
            return self.declare(space, name, Entry::Silent, "table");
        };
        if let Some(pair) = points.windows(2).find(|pair| pair[1].0 <= pair[0].0) {
            let message = format!("{} does not come after {}", pair[1].0, pair[0].0);
            let fault = Diagnostic::error(code::TABLE_ORDER, message, pair[1].2)
                .help("the first column must increase");
            self.faults.push(fault);
        }
        if points.is_empty() && !statement.faulty {
            let message = format!("the table `{}` has no points", name.text);
            self.faults.push(Diagnostic::error(code::TABLE_SHAPE, message, name.span));
        }
        let id = self.model.tables.len();
        self.model.tables.push(Table {
            name: format!("{}{}", self.spaces[space].prefix, name.text),
            x_unit,
            y_unit,
            points: points.iter().map(|(x, y, _)| (*x, *y)).collect(),
            between: if *linear { Between::Linear } else { Between::Last },
            span: name.span,
        });
        let entry = if statement.faulty { Entry::Silent } else { Entry::Curve(id) };
        self.declare(space, name, entry, "table");
    }
}
