//! A bounded selection of however many.

/// Of so many at most.
pub(crate) const MOST: usize = 8192;

/// What is pushed, until there are [`MOST`]; then every second of it, every fourth, ... The selection depends
/// on the order alone, which is that of the twins and says nothing about them.
#[derive(Clone, Debug)]
pub(crate) struct Thinned<T> {
    kept: Vec<T>,
    every: u64,
    seen: u64,
}

impl<T> Default for Thinned<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), every: 1, seen: 0 }
    }
}

impl<T> Thinned<T> {
    /// Offers one more; `make` is called if it is kept.
    pub(crate) fn push(&mut self, make: impl FnOnce() -> T) {
        if self.seen.is_multiple_of(self.every) {
            if self.kept.len() == MOST {
                self.halve();
            }
            if self.seen.is_multiple_of(self.every) {
                self.kept.push(make());
            }
        }
        self.seen += 1;
    }

    fn halve(&mut self) {
        let mut place = 0_usize;
        self.kept.retain(|_| {
            place += 1;
            !place.is_multiple_of(2)
        });
        self.every *= 2;
    }

    /// What was kept, in order.
    pub(crate) fn kept(&self) -> &[T] {
        &self.kept
    }

    /// What a caption says of it: nothing if all were kept.
    pub(crate) fn said(&self) -> String {
        match self.every {
            1 => String::new(),
            every => format!(" (every {every}th participant)"),
        }
    }

    /// Every how many-th was kept.
    pub(crate) fn every(&self) -> u64 {
        self.every
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_so_many_th_is_kept_and_no_more_than_there_is_room_for() {
        let mut thinned = Thinned::default();
        for value in 0..100_000_u64 {
            thinned.push(|| value);
        }
        assert_eq!(thinned.every(), 16);
        let all: Vec<u64> = (0..100_000).step_by(16).collect();
        assert_eq!(thinned.kept(), all);
        assert!(all.len() <= MOST);
    }
}
