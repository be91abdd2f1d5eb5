//! Where the values of a block are used.

use super::block::{Block, Value, What};

/// For each value the steps that use it, in order, and how many of them are past.
#[derive(Debug)]
pub(super) struct Uses {
    /// Where the uses of each value start in `at`; one more than there are values.
    starts: Vec<u32>,
    at: Vec<u32>,
    next: Vec<u32>,
}

impl Uses {
    /// Counts only what a row that is written needs.
    pub(super) fn of(block: &Block) -> Self {
        let needed = needed(block);
        let steps = block.steps();
        let mut starts = vec![0_u32; steps.len() + 1];
        let using = || (0..steps.len()).filter(|&step| needed[step]);
        for operand in using().flat_map(|step| steps[step].operands()) {
            starts[operand.index() + 1] += 1;
        }
        for value in 0..steps.len() {
            starts[value + 1] += starts[value];
        }
        let mut next: Vec<u32> = starts[..steps.len()].to_vec();
        let mut at = vec![0; starts[steps.len()] as usize];
        for step in using() {
            for operand in steps[step].operands() {
                let place = &mut next[operand.index()];
                at[*place as usize] = Value::new(step).index() as u32;
                *place += 1;
            }
        }
        next.copy_from_slice(&starts[..steps.len()]);
        Self { starts, at, next }
    }

    /// How many uses are still to come.
    pub(super) fn left(&self, value: Value) -> usize {
        (self.starts[value.index() + 1] - self.next[value.index()]) as usize
    }

    /// The step of the next use, if one is to come.
    pub(super) fn next(&self, value: Value) -> Option<usize> {
        let next = self.next[value.index()];
        let end = self.starts[value.index() + 1];
        (next < end).then(|| self.at[next as usize] as usize)
    }

    /// Passes one use.
    pub(super) fn pass(&mut self, value: Value) {
        self.next[value.index()] += 1;
    }
}

/// Which steps lead to a row that is written.
fn needed(block: &Block) -> Vec<bool> {
    let steps = block.steps();
    let mut needed = vec![false; steps.len()];
    for (at, step) in steps.iter().enumerate().rev() {
        if needed[at] || matches!(step.what, What::Store(_)) {
            needed[at] = true;
            for operand in step.operands() {
                needed[operand.index()] = true;
            }
        }
    }
    needed
}
