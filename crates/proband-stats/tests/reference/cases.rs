//! Expected values by area and case id, compared to the tolerance that the case states.

use std::path::PathBuf;

use proband_stats::{Effect, Interval, RatioEffect};
use serde_json::Value;

/// Below this, differences are absolute: a relative tolerance means nothing near zero.
const NEAR_ZERO: f64 = 1e-10;

/// P-values keep their digits far below that; R writes those below this as 0.
const VANISHED: f64 = 1e-300;

pub(crate) fn data_file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

pub(crate) struct Case {
    name: String,
    pub(crate) params: Value,
    pub(crate) values: Value,
    tolerance: f64,
}

pub(crate) fn all(area: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(data_file(&format!("{area}.json"))).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    cases
        .iter()
        .map(|case| Case {
            name: format!("{area}/{}", case["id"].as_str().unwrap()),
            params: case["params"].clone(),
            values: case["values"].clone(),
            tolerance: case["rel_tol"].as_f64().unwrap_or(1e-8),
        })
        .collect()
}

pub(crate) fn case(area: &str, id: &str) -> Case {
    let name = format!("{area}/{id}");
    all(area).into_iter().find(|case| case.name == name).unwrap()
}

impl Case {
    pub(crate) fn id(&self) -> &str {
        self.name.split('/').nth(1).unwrap()
    }

    pub(crate) fn expected(&self, pointer: &str) -> &Value {
        let missing = || panic!("{}: no value {pointer}", self.name);
        self.values.pointer(pointer).unwrap_or_else(missing)
    }

    pub(crate) fn has(&self, pointer: &str) -> bool {
        self.values.pointer(pointer).is_some_and(|v| !v.is_null())
    }

    pub(crate) fn number(&self, pointer: &str) -> f64 {
        self.expected(pointer).as_f64().unwrap()
    }

    pub(crate) fn check(&self, pointer: &str, ours: f64) {
        let expected = self.expected(pointer).as_f64();
        let Some(expected) = expected else {
            // null: not reached, not defined or infinite.
            assert!(ours.is_infinite(), "{}{pointer}: expected none, got {ours}", self.name);
            return;
        };
        let floor = if pointer.ends_with('p') { VANISHED } else { NEAR_ZERO };
        let allowed = floor.max(self.tolerance * expected.abs());
        assert!(
            (ours - expected).abs() <= allowed,
            "{}{pointer}: expected {expected}, got {ours}, relative {:e}",
            self.name,
            (ours - expected) / expected
        );
    }

    pub(crate) fn check_optional(&self, pointer: &str, ours: Option<f64>) {
        match ours {
            Some(value) => self.check(pointer, value),
            None => assert!(self.expected(pointer).is_null(), "{}{pointer}", self.name),
        }
    }

    pub(crate) fn check_interval(&self, pointer: &str, ours: Interval) {
        self.check(&format!("{pointer}/0"), ours.lower);
        self.check(&format!("{pointer}/1"), ours.upper);
    }

    /// `estimate`, `se`, `lower`, `upper` and `p` where the case has them.
    pub(crate) fn check_effect(&self, pointer: &str, ours: &Effect) {
        let estimate = ours.estimate;
        for (key, value) in [
            ("estimate", estimate.value),
            ("coef", estimate.value),
            ("se", estimate.se),
            ("lower", estimate.lower),
            ("upper", estimate.upper),
            ("t", ours.statistic),
            ("z", ours.statistic),
            ("stat", ours.statistic),
            ("p", ours.p),
        ] {
            let place = format!("{pointer}/{key}");
            if self.has(&place) {
                self.check(&place, value);
            }
        }
    }

    /// Ratio, limits by their keys, and the inference on its logarithm.
    pub(crate) fn check_ratio(&self, pointer: &str, keys: [&str; 3], ours: &RatioEffect) {
        for (key, value) in keys.iter().zip([ours.value, ours.lower, ours.upper]) {
            self.check(&format!("{pointer}/{key}"), value);
        }
        for (key, value) in [
            ("coef", ours.log.estimate.value),
            ("estimate", ours.log.estimate.value),
            ("se", ours.log.estimate.se),
            ("z", ours.log.statistic),
            ("stat", ours.log.statistic),
            ("p", ours.log.p),
        ] {
            let place = format!("{pointer}/{key}");
            if self.has(&place) {
                self.check(&place, value);
            }
        }
    }
}
