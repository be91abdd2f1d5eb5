//! `design.type = "crossover"`: everybody goes through several arms, one after another.

/// The periods of a crossover.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossover {
    /// What randomisation allocates.
    pub sequences: Vec<Sequence>,
    /// Days from the first dose of a period to the first of the next.
    pub length: f64,
}

/// The arms that somebody goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// TRTSEQP.
    pub id: String,
    /// Positions in `Trial::arms`, by period; as many in each sequence.
    pub arms: Vec<usize>,
}

/// What a visit of a later period repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The period, from 1 for the second.
    pub period: usize,
    /// Position in `Trial::encounters` of the visit of the first period.
    pub encounter: usize,
}

impl Crossover {
    /// How many periods there are.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.sequences.first().map_or(1, |sequence| sequence.arms.len())
    }

    /// Whether everybody goes through each of so many arms once, and so can be compared with themselves.
    #[must_use]
    pub fn is_complete(&self, arms: usize) -> bool {
        let once = |sequence: &Sequence| {
            let times = |arm| sequence.arms.iter().filter(|&&of| of == arm).count();
            (0..arms).all(|arm| times(arm) == 1)
        };
        self.sequences.iter().all(once)
    }
}
