//! One area of the reference pack: how it is certified, how closely, and what is left out.

use crate::cases::{self, Case};

/// What a module of this test declares.
pub(crate) struct Area {
    /// The file in `expected/` without its ending.
    pub(crate) name: &'static str,
    /// The worst relative difference that any number of the area may have. This is what is reached,
    /// not what the file allows: each case's own tolerance is checked as well. Numbers compared by
    /// [`Case::check_within`] are apart, for a reason given there.
    pub(crate) agrees_to: f64,
    /// Checks one case.
    pub(crate) certify: fn(&Case),
    /// What is not reproduced, as the start of `id/pointer` (`*` stands for any case or key), and
    /// why.
    pub(crate) not_reproduced: &'static [(&'static str, &'static str)],
}

impl Area {
    /// Certifies every case; to be called from one test of the module.
    pub(crate) fn certify(&self) {
        let mut used = vec![false; self.not_reproduced.len()];
        let mut worst = (0.0, String::new());
        for case in cases::all(self.name) {
            (self.certify)(&case);
            self.account(&case, &mut used);
            if case.worst().0 > worst.0 {
                worst = case.worst();
            }
        }
        for (used, (what, _)) in used.iter().zip(self.not_reproduced) {
            assert!(used, "{}: `{what}` names nothing", self.name);
        }
        assert!(
            worst.0 <= self.agrees_to,
            "{}: {} differs by {:e}, more than the {:e} of the area",
            self.name,
            worst.1,
            worst.0,
            self.agrees_to
        );
    }

    /// The area's row of the page: cases of which something is certified, how closely, what is not.
    pub(crate) fn row(&self) -> String {
        let all = cases::all(self.name);
        let listed = |case: &Case, pointer: &str| {
            let place = format!("{}{pointer}", case.id());
            self.not_reproduced.iter().any(|(what, _)| starts_with(&place, what))
        };
        let certified = all
            .iter()
            .filter(|case| case.numbers().iter().any(|(pointer, _)| !listed(case, pointer)))
            .count();
        let agrees =
            if certified == 0 { "-".to_owned() } else { format!("{:e}", self.agrees_to) };
        let why: Vec<String> =
            self.not_reproduced.iter().map(|(what, why)| format!("`{what}`: {why}")).collect();
        format!(
            "| {} | {certified} of {} | {agrees} | {} |",
            self.name,
            all.len(),
            why.join("; ")
        )
    }

    /// Every number of the case is either checked or listed, never both.
    fn account(&self, case: &Case, used: &mut [bool]) {
        for (pointer, seen) in case.numbers() {
            let place = format!("{}{pointer}", case.id());
            let listed =
                self.not_reproduced.iter().position(|(what, _)| starts_with(&place, what));
            match (seen, listed) {
                (false, None) => panic!("{}: `{place}` is not certified", self.name),
                (true, Some(entry)) => panic!(
                    "{}: `{place}` is certified, but `{}` lists it as not reproduced",
                    self.name, self.not_reproduced[entry].0
                ),
                (false, Some(entry)) => used[entry] = true,
                (true, None) => {}
            }
        }
    }
}

/// Whether the parts of `place` start with those of `what`, where `*` is any part.
fn starts_with(place: &str, what: &str) -> bool {
    let mut parts = place.split('/');
    what.split('/').all(|part| parts.next().is_some_and(|found| part == "*" || part == found))
}

#[test]
fn places_match_part_by_part() {
    assert!(starts_with("a/b/0/c", "a/*/0"));
    assert!(!starts_with("a/b/0/c", "a/b/1"));
    assert!(!starts_with("ab/c", "a"));
}
