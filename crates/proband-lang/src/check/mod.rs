//! From syntax trees to a checked model.
//!
//! First the files are read and every name is declared, families and instances member by member
//! ([`files`], [`spaces`], [`sets`], [`declare`]). Then each definition is checked after those it needs
//! ([`resolve`], [`definitions`], [`parameters`], [`expression`]), and at last what hangs on them: blocks, equations,
//! happenings, observables, and the constants in them ([`domains`]). All of it goes on after a fault; a faulty quantity agrees with everything.

mod blocks;
mod changes;
mod constant;
mod continuity;
mod declare;
mod definitions;
mod domains;
mod doses;
mod events;
mod expression;
mod files;
mod observables;
mod parameters;
mod resolve;
mod sets;
mod spaces;
mod spreads;
mod states;
mod symbols;
mod tables;
mod typed;
mod unused;
mod world;

pub(crate) use expression::{Checker, Names};
pub(crate) use files::{Reader, unreadable};
pub(crate) use world::Frame;

use crate::Model;
use proband_diag::{Diagnostic, Faults, SourceId};
use std::collections::{BTreeMap, BTreeSet};
use world::{Unfound, World};

/// Checks what was read. None if anything has an error.
pub(crate) fn check(mut world: World, faults: &mut Faults) -> Option<Model> {
    world.open_space(0, String::new(), BTreeMap::new());
    world.resolve();
    world.blocks();
    world.rates();
    world.starts();
    world.dose_lines();
    world.event_list();
    world.hazard_list();
    world.changes();
    world.observable_list();
    world.equations();
    world.domains();
    world.unused();
    let World { model, faults: mut found, unfound, .. } = world;
    first_of_each(unfound).into_iter().for_each(|fault| found.push(fault));
    let fine = !found.has_errors();
    faults.extend(found);
    fine.then_some(model)
}

/// A name that cannot be found is reported at its first place in a file.
pub(crate) fn first_of_each(mut unfound: Vec<Unfound>) -> Vec<Diagnostic> {
    unfound.sort_by_key(|unfound| unfound.fault.span);
    let mut seen: BTreeSet<(Option<SourceId>, String)> = BTreeSet::new();
    unfound
        .into_iter()
        .filter(|u| seen.insert((u.fault.span.map(|span| span.source), u.name.clone())))
        .map(|u| u.fault)
        .collect()
}
