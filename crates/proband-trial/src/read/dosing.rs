//! Arms, epochs and the regimens that they give.

use super::nature::Nature;
use crate::expression::Names;
use crate::reading::Reading;
use crate::tables::arms;
use crate::tables::regimens::{self, Giver, Told as Regimens};
use crate::toml::{Entry, Node};
use crate::{Arm, Epoch, Expression, Regimen, Signal};

/// Arms, epochs and the regimens they give.
pub(super) struct Dosing<'a> {
    pub(super) tables: &'a [Entry],
    pub(super) told: Regimens,
    pub(super) arms: Vec<arms::Told<'a>>,
    pub(super) by_epoch: Vec<Vec<usize>>,
    pub(super) regimens: Option<Vec<Regimen>>,
}

impl<'a> Dosing<'a> {
    pub(super) fn read(file: &'a Node, nature: &mut Nature<'_>, reading: &mut Reading) -> Self {
        let (names, quantities) = (&mut nature.names, &mut nature.quantities);
        let tables = regimens::tables(file, reading);
        let mut told = Regimens::default();
        let arms = arms::read(file, tables, &mut told, reading);
        let by_epoch = by_epoch(file, tables, names, &mut told, reading);
        by_rules(file, tables, &mut told, reading);
        names.regimens = told.names();
        let regimens = told.read(names, quantities, reading);
        Self { tables, told, arms, by_epoch, regimens }
    }
}

/// The regimens that epochs give to every arm.
fn by_epoch(
    file: &Node,
    tables: &[Entry],
    names: &Names,
    told: &mut Regimens,
    reading: &mut Reading,
) -> Vec<Vec<usize>> {
    let mut given = Vec::new();
    for epoch in &names.timeline.epochs {
        let entry = file.get("epoch").and_then(|epochs| epochs.node.get(&epoch.id));
        let regimen = entry.and_then(|entry| entry.node.get("regimen"));
        given.push(regimen.map_or_else(Vec::new, |regimen| {
            let path = format!("epoch.{}", epoch.id);
            let giver = Giver { id: &epoch.id, path, epoch: Some(&epoch.id) };
            told.of(&giver, &regimen.node, tables, reading)
        }));
    }
    given
}

/// Regimens that rules start are checked as those of arms are.
fn by_rules(file: &Node, tables: &[Entry], told: &mut Regimens, reading: &mut Reading) {
    for rule in file.get("rule").map_or(&[][..], |rules| rules.node.entries()) {
        let id = rule.node.get("regimen").and_then(|entry| entry.node.as_text());
        let known = id.filter(|id| tables.iter().any(|entry| entry.key == id.text));
        if let Some(id) = known {
            told.shared(id, None, tables, reading);
        }
    }
}

/// The epochs with the regimens that they give to every arm, and the conditions at which they end and on
/// which participants go on.
pub(super) fn epochs_of(
    names: &Names,
    dosing: &Dosing<'_>,
    untils: Vec<Option<Expression>>,
    continues: Vec<Option<Expression>>,
) -> Vec<Epoch> {
    let mut epochs = names.timeline.epochs.clone();
    let conditions = untils.into_iter().zip(continues);
    for ((epoch, given), told) in epochs.iter_mut().zip(&dosing.by_epoch).zip(conditions) {
        epoch.regimens.clone_from(given);
        (epoch.until, epoch.continues) = told;
    }
    epochs
}

/// The arms with what each has of its own.
pub(super) fn arms_of(
    dosing: &Dosing<'_>,
    ratio: &[u32],
    control: Option<usize>,
    parameters: Vec<Vec<(usize, usize, f64)>>,
    inputs: Vec<Vec<(usize, usize, Signal)>>,
) -> Vec<Arm> {
    let own = parameters.into_iter().zip(inputs);
    let arm = |(index, (told, (parameters, inputs))): (usize, (&arms::Told<'_>, _))| Arm {
        id: told.id.to_owned(),
        title: told.title.clone(),
        ratio: ratio.get(index).copied().unwrap_or(1),
        control: control == Some(index),
        regimens: told.regimens.clone(),
        parameters,
        inputs,
    };
    dosing.arms.iter().zip(own).enumerate().map(arm).collect()
}
