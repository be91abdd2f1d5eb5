//! Expected values by area and case id, compared to the tolerance that the case states.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::PathBuf;

use proband_stats::{Effect, Interval, RatioEffect};
use serde_json::Value;

/// Below this, differences are absolute: a relative tolerance means nothing near zero.
const NEAR_ZERO: f64 = 1e-10;

/// P-values keep their digits far below that; R writes those below this as 0.
const VANISHED: f64 = 1e-300;

/// The tolerance of a case that states none.
const SAME_ALGORITHM: f64 = 1e-8;

/// How well R's `glm` knows its standard errors: it stops when the deviance moves by less than 1e-8.
const GLM: f64 = 1e-6;

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/certification")
}

/// A case, which remembers the numbers that were compared with it.
pub(crate) struct Case {
    name: String,
    pub(crate) params: Value,
    pub(crate) values: Value,
    tolerance: f64,
    seen: RefCell<BTreeSet<String>>,
    worst: Cell<f64>,
    worst_at: RefCell<String>,
}

pub(crate) fn all(area: &str) -> Vec<Case> {
    let path = folder().join("expected").join(format!("{area}.json"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    cases
        .iter()
        .map(|case| Case {
            name: format!("{area}/{}", case["id"].as_str().unwrap()),
            params: case["params"].clone(),
            values: case["values"].clone(),
            tolerance: case["rel_tol"].as_f64().unwrap_or(SAME_ALGORITHM),
            seen: RefCell::default(),
            worst: Cell::new(0.0),
            worst_at: RefCell::default(),
        })
        .collect()
}

pub(crate) fn case(area: &str, id: &str) -> Case {
    let name = format!("{area}/{id}");
    all(area).into_iter().find(|case| case.name == name).unwrap()
}

fn is_p(pointer: &str) -> bool {
    let key = pointer.rsplit('/').next().unwrap_or("");
    key == "p" || key.ends_with("_p") || key.starts_with("p_") || key.starts_with("fisher_p")
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

    /// Reads a number without certifying it: an input.
    pub(crate) fn number(&self, pointer: &str) -> f64 {
        self.expected(pointer).as_f64().unwrap()
    }

    /// How many entries the list at `pointer` has.
    pub(crate) fn length(&self, pointer: &str) -> usize {
        self.expected(pointer).as_array().unwrap().len()
    }

    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.expected(pointer).as_str().unwrap()
    }

    pub(crate) fn keys(&self, pointer: &str) -> Vec<String> {
        self.expected(pointer).as_object().unwrap().keys().cloned().collect()
    }

    /// A parameter that is a list of numbers.
    pub(crate) fn list(&self, name: &str) -> Vec<f64> {
        serde_json::from_value(self.params[name].clone()).unwrap()
    }

    /// A parameter that is a number.
    pub(crate) fn param(&self, name: &str) -> f64 {
        self.params[name].as_f64().unwrap()
    }

    /// Compares with the case's tolerance; `null` stands for an infinite value.
    pub(crate) fn check(&self, pointer: &str, ours: f64) {
        let gap = self.compare(pointer, ours, self.tolerance);
        if gap > self.worst.get() {
            self.worst.set(gap);
            self.worst_at.replace(format!("{}{pointer}", self.name));
        }
    }

    /// Compares a number that the reference itself does not know better than to `tolerance`, for
    /// the reason that stands where this is called.
    pub(crate) fn check_within(&self, pointer: &str, ours: f64, tolerance: f64) {
        self.compare(pointer, ours, tolerance);
    }

    /// [`Case::check_within`] for a number that the reference has to a fixed number of places.
    pub(crate) fn check_places(&self, pointer: &str, ours: f64, places: f64) {
        self.seen.borrow_mut().insert(pointer.to_owned());
        let gap = (ours - self.number(pointer)).abs();
        assert!(gap <= places, "{}{pointer}: {ours} is {gap} away", self.name);
    }

    /// The relative difference, which is within `tolerance`.
    fn compare(&self, pointer: &str, ours: f64, tolerance: f64) -> f64 {
        self.seen.borrow_mut().insert(pointer.to_owned());
        let Some(expected) = self.expected(pointer).as_f64() else {
            // null: not reached, not defined or infinite.
            assert!(ours.is_infinite(), "{}{pointer}: expected none, got {ours}", self.name);
            return 0.0;
        };
        let floor = if is_p(pointer) { VANISHED } else { NEAR_ZERO };
        let gap = (ours - expected).abs();
        assert!(
            gap <= floor.max(tolerance * expected.abs()),
            "{}{pointer}: expected {expected}, got {ours}, relative {:e}",
            self.name,
            gap / expected
        );
        if gap <= floor { 0.0 } else { gap / expected.abs() }
    }

    /// A value that may not exist: none is `null`.
    pub(crate) fn check_optional(&self, pointer: &str, ours: Option<f64>) {
        match ours {
            Some(value) => self.check(pointer, value),
            None => {
                assert!(self.expected(pointer).is_null(), "{}{pointer}", self.name);
                self.seen.borrow_mut().insert(pointer.to_owned());
            }
        }
    }

    pub(crate) fn check_interval(&self, pointer: &str, ours: Interval) {
        self.check(&format!("{pointer}/0"), ours.lower);
        self.check(&format!("{pointer}/1"), ours.upper);
    }

    /// A list of numbers, all of it.
    pub(crate) fn check_list(&self, pointer: &str, ours: &[f64]) {
        assert_eq!(self.length(pointer), ours.len(), "{}{pointer}", self.name);
        for (k, value) in ours.iter().enumerate() {
            self.check(&format!("{pointer}/{k}"), *value);
        }
    }

    /// A flag, or a number of the pack that only counts what was compared.
    pub(crate) fn check_flag(&self, pointer: &str, ours: bool) {
        assert_eq!(self.expected(pointer).as_bool(), Some(ours), "{}{pointer}", self.name);
        self.seen.borrow_mut().insert(pointer.to_owned());
    }

    /// Compares the named values that the case has under `pointer`.
    pub(crate) fn check_those_there(&self, pointer: &str, named: &[(&str, f64)]) {
        for (key, value) in named {
            let place = format!("{pointer}/{key}");
            if self.has(&place) {
                self.check(&place, *value);
            }
        }
    }

    /// Estimate, standard error, limits, statistic, degrees of freedom and p-value where the case
    /// has them.
    pub(crate) fn check_effect(&self, pointer: &str, ours: &Effect) {
        let estimate = ours.estimate;
        if let proband_stats::Reference::T { df } = ours.reference {
            self.check_those_there(pointer, &[("df", df)]);
        }
        self.check_those_there(
            pointer,
            &[
                ("estimate", estimate.value),
                ("coef", estimate.value),
                ("se", estimate.se),
                ("lower", estimate.lower),
                ("upper", estimate.upper),
                ("t", ours.statistic),
                ("z", ours.statistic),
                ("stat", ours.statistic),
                ("p", ours.p),
            ],
        );
    }

    /// A coefficient of R's `glm`, the ratio it stands for with its limits, and its Wald test.
    ///
    /// The estimate is as exact as ours, but R takes standard errors from the weights of the round before
    /// the last, so that what depends on them is known to [`GLM`] only.
    pub(crate) fn check_glm(&self, pointer: &str, keys: [&str; 3], ours: &RatioEffect) {
        let place = |key: &str| format!("{pointer}/{key}");
        self.check(&place("estimate"), ours.log.estimate.value);
        self.check(&place(keys[0]), ours.value);
        for (key, value) in [
            ("se", ours.log.estimate.se),
            ("z", ours.log.statistic),
            ("stat", ours.log.statistic),
            ("p", ours.log.p),
            (keys[1], ours.lower),
            (keys[2], ours.upper),
        ] {
            if self.has(&place(key)) {
                self.check_within(&place(key), value, GLM);
            }
        }
    }

    /// Hazard ratio and the like: ratio, limits by their keys, and the inference on its logarithm.
    pub(crate) fn check_ratio(&self, pointer: &str, keys: [&str; 3], ours: &RatioEffect) {
        for (key, value) in keys.iter().zip([ours.value, ours.lower, ours.upper]) {
            self.check(&format!("{pointer}/{key}"), value);
        }
        self.check_those_there(
            pointer,
            &[
                ("coef", ours.log.estimate.value),
                ("estimate", ours.log.estimate.value),
                ("se", ours.log.estimate.se),
                ("z", ours.log.statistic),
                ("stat", ours.log.statistic),
                ("p", ours.log.p),
            ],
        );
    }

    /// The worst relative difference so far, and where.
    pub(crate) fn worst(&self) -> (f64, String) {
        (self.worst.get(), self.worst_at.borrow().clone())
    }

    /// The place of every number, flag and null of the case, and whether it was compared.
    pub(crate) fn numbers(&self) -> Vec<(String, bool)> {
        let mut places = Vec::new();
        collect(&self.values, String::new(), &mut places);
        let seen = self.seen.borrow();
        places.into_iter().map(|place| (place.clone(), seen.contains(&place))).collect()
    }
}

/// Texts are labels and remarks, `rel_tol` is a tolerance; everything else is a result. Keys of JSON pointers escape `/`.
fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::String(_) => {}
        Value::Array(list) => {
            for (k, entry) in list.iter().enumerate() {
                collect(entry, format!("{at}/{k}"), places);
            }
        }
        Value::Object(map) => {
            for (key, entry) in map.iter().filter(|(key, _)| *key != "rel_tol") {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(entry, format!("{at}/{key}"), places);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => places.push(at),
    }
}
