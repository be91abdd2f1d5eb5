//! What is assumed of values after an intercurrent event.

/// How a participant's mean goes on from the visit at which a strategy starts to apply.
///
/// J. R. Carpenter, J. H. Roger & M. G. Kenward, Journal of Biopharmaceutical Statistics 23 (2013).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// As in the own arm (missing at random).
    MissingAtRandom,
    /// At once as in the reference arm.
    JumpToReference,
    /// As if the participant had been in the reference arm from the start.
    CopyReference,
    /// From the own arm's last mean, with the increments of the reference arm.
    CopyIncrements,
    /// Staying at the own arm's last mean.
    LastMeanCarriedForward,
}

impl Strategy {
    /// The means of all visits, from those of the own arm and of the reference, where the strategy applies
    /// `from` a visit on. Without a visit before it, increments and the last mean start from the reference
    /// and the own arm.
    pub(super) fn means(self, own: &[f64], reference: &[f64], from: usize) -> Vec<f64> {
        let after = |visit: usize| match self {
            Self::MissingAtRandom => own[visit],
            Self::JumpToReference | Self::CopyReference => reference[visit],
            Self::CopyIncrements if from == 0 => reference[visit],
            Self::CopyIncrements => own[from - 1] + (reference[visit] - reference[from - 1]),
            Self::LastMeanCarriedForward => own[from.saturating_sub(1)],
        };
        let before = |visit: usize| match self {
            Self::CopyReference => reference[visit],
            _ => own[visit],
        };
        let all = 0..own.len();
        all.map(|visit| if visit < from { before(visit) } else { after(visit) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_after_the_second_visit_of_four() {
        let (own, reference) = ([1.0, 2.0, 3.0, 4.0], [0.0, 0.5, 0.5, 1.5]);
        for (strategy, expected) in [
            (Strategy::MissingAtRandom, own),
            (Strategy::JumpToReference, [1.0, 2.0, 0.5, 1.5]),
            (Strategy::CopyReference, reference),
            (Strategy::CopyIncrements, [1.0, 2.0, 2.0, 3.0]),
            (Strategy::LastMeanCarriedForward, [1.0, 2.0, 2.0, 2.0]),
        ] {
            assert_eq!(strategy.means(&own, &reference, 2), expected, "{strategy:?}");
        }
    }
}
