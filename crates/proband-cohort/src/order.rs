//! An order in which each covariate comes after those it needs.

use crate::{Covariate, Law};
use proband_lang::Expr;
use std::collections::BTreeSet;

/// Positions of covariates, each after those it needs; otherwise as declared.
pub type Order = Vec<usize>;

/// The order in which covariates can be computed.
///
/// # Errors
/// The positions of covariates that need each other in a circle: each needs the next, the last the
/// first.
pub fn order(covariates: &[Covariate]) -> Result<Order, Vec<usize>> {
    let needs: Vec<_> =
        covariates.iter().map(|covariate| needs(covariate, covariates.len())).collect();
    let mut placed = vec![false; covariates.len()];
    let mut order = Order::with_capacity(covariates.len());
    while order.len() < covariates.len() {
        let ready = |&i: &usize| !placed[i] && needs[i].iter().all(|&need| placed[need]);
        let Some(next) = (0..covariates.len()).find(ready) else {
            return Err(circle(&needs, &placed));
        };
        placed[next] = true;
        order.push(next);
    }
    Ok(order)
}

/// The covariates that one is computed from; what is no covariate is left out.
fn needs(covariate: &Covariate, count: usize) -> BTreeSet<usize> {
    let mut needs = BTreeSet::new();
    match &covariate.law {
        Law::Constant(_) | Law::Column(_) => {}
        Law::Drawn(marginal) => marginal.strata(&mut |stratum, _| {
            needs.insert(stratum);
        }),
        Law::Derived(expression) => needs = symbols(expression),
    }
    needs.retain(|&need| need < count);
    needs
}

/// The positions of the symbols in an expression.
pub(crate) fn symbols(expression: &Expr) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    expression.walk(&mut |part| {
        if let Expr::Symbol(symbol) = part {
            found.insert(symbol.index());
        }
    });
    found
}

/// A circle among those not placed, each of which needs another not placed.
fn circle(needs: &[BTreeSet<usize>], placed: &[bool]) -> Vec<usize> {
    let mut path: Vec<usize> = Vec::new();
    let mut next = placed.iter().position(|&placed| !placed);
    while let Some(here) = next {
        if let Some(start) = path.iter().position(|&earlier| earlier == here) {
            return path.split_off(start);
        }
        path.push(here);
        next = needs[here].iter().copied().find(|&need| !placed[need]);
    }
    path
}
