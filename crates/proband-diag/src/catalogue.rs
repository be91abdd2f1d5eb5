//! The one catalogue of faults: every code, what it means and how to mend it.

/// The documented kind of a fault: a kebab-case word that never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// The word, as shown in brackets and taken by `proband explain`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }
}

/// What the catalogue says of a code.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// What is wrong.
    pub meaning: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Every code with its explanation, in alphabetical order.
#[must_use]
pub fn catalogue() -> &'static [Explanation] {
    code::ALL
}

/// The explanation of a code by its word.
#[must_use]
pub fn explain(name: &str) -> Option<&'static Explanation> {
    catalogue().iter().find(|entry| entry.code.name() == name)
}

macro_rules! codes {
    ($($constant:ident $word:literal: $meaning:literal, $remedy:literal;)*) => {
        /// The codes as constants.
        pub mod code {
            use super::{Code, Explanation};
            $(#[doc = $meaning] pub const $constant: Code = Code($word);)*
            pub(super) const ALL: &[Explanation] = &[
                $(Explanation { code: $constant, meaning: $meaning, remedy: $remedy },)*
            ];
        }
    };
}

codes! {
    AFTER_THE_END "after-the-end":
        "A visit, a dose or an endpoint lies after the end of the last epoch.",
        "Move it, or lengthen the epoch.";
    AMBIGUOUS_DOSE "ambiguous-dose":
        "More than one dose line of the models fits a regimen.",
        "Say which `drug`, or which `route`.";
    BAD_ID "bad-id":
        "An id is not made of letters, digits and `_`.",
        "An id is a word of the expression language, where a hyphen would be a minus.";
    CANNOT_ENROL "cannot-enrol":
        "Screening gave up: too few of the twins that were drawn passed.",
        "The message gives the share that each criterion refused; widen a criterion or the population, or raise `eligibility.at_most`.";
    CIRCULAR_DEFINITION "circular-definition":
        "A quantity is defined by itself, directly or through others.",
        "Break the circle: one of the names in it must come from a state, a covariate or a number.";
    CIRCULAR_USE "circular-use":
        "A model file uses itself, directly or through others.",
        "Two files may feed each other by `use ... with` in a third file.";
    COMMAND_LINE "command-line":
        "The command line is wrong.",
        "See `proband help`.";
    CONFLICTING_KEYS "conflicting-keys":
        "Two keys say the same thing in different ways.",
        "Keep one.";
    COVARIANCE_SHAPE "covariance-shape":
        "A covariance or correlation block has the wrong count of numbers.",
        "n names take n(n+1)/2 numbers (the lower triangle, row by row) or n(n-1)/2 (the off-diagonals alone, beside spreads on the lines); `correlation` takes the off-diagonals.";
    DATA_FILE "data-file":
        "A table that the trial reads (CSV, Parquet) has a fault.",
        "The message gives the file, the row and the column.";
    DUPLICATE_CASE "duplicate-case":
        "A pick such as `sex{F: 1, F: 2}` names one level twice.",
        "Keep one of the cases.";
    DUPLICATE_EQUATION "duplicate-equation":
        "A state has two equations of motion.",
        "Remove one, or write the second for the state that was meant.";
    DUPLICATE_NAME "duplicate-name":
        "A name is declared twice, in one file or in files that `use` merges.",
        "Rename one of them, or use the other file `as` a name so that its names are qualified.";
    EQUAL_STATE "equal-state":
        "A condition compares a continuous state with `==` or `!=`, which practically never holds.",
        "Use `<` or `>`; for a crossing declare an event.";
    FAMILY_NEEDS_INDEX "family-needs-index":
        "A family of quantities is used without saying which member.",
        "Write the member in brackets: `c[liver]`.";
    INDEX_OUT_OF_RANGE "index-out-of-range":
        "An index goes beyond the members of its family.",
        "Change the range of the index, or the index expression.";
    KIND_MISMATCH "kind-mismatch":
        "A number stands where a condition or a level is needed, or the other way round.",
        "Compare the number with something, or use the level of a category.";
    MISPLACED_DRAW "misplaced-draw":
        "`~` stands where nothing can be drawn.",
        "Chance belongs to `param`, `next` and `observe` (and `with` in `use`).";
    MISSING_CASE "missing-case":
        "A pick leaves out a level of its category.",
        "List every level, or end with `else: ...`.";
    MISSING_COVARIATE "missing-covariate":
        "A model needs a covariate that the population does not give.",
        "Add it to `population.covariates`; a value in the model is for its typical twin only.";
    MISSING_ELSE "missing-else":
        "An `if` has no `else`.",
        "Every expression has a value: say what it is when the condition does not hold.";
    MISSING_EQUATION "missing-equation":
        "Nothing changes a state.",
        "Write `d x/dt = ...`, `next`, `jump` or `on` for it, or declare it with `let` or `param`.";
    MISSING_INPUT "missing-input":
        "A model needs an input that nothing feeds.",
        "Add it to `inputs` of the model or of each arm.";
    MISSING_KEY "missing-key":
        "A key that is needed here is not there.",
        "The message says which and why.";
    MISSING_SPREAD "missing-spread":
        "A distribution needs a spread and has none.",
        "Say `sd ...`, `cv ...` or `var ...`, or give the block of covariances that names the parameter.";
    MISSING_VALUE "missing-value":
        "A table entry that is `-` is used.",
        "Fill the table, or leave that member out of the set.";
    NEVER_DECIDED "never-decided":
        "A rule is never asked: nothing comes at which it would be.",
        "Plan an encounter, give a dose, or check the rule at the other of the two.";
    NEVER_HAPPENS "never-happens":
        "A look or a change of the trial waits for what cannot come.",
        "The message says why: mend the condition, or remove the table.";
    NEVER_OBSERVED "never-observed":
        "An endpoint or rule reads an observable that no encounter records.",
        "Add it to `observe` of an encounter.";
    NO_CONTROL "no-control":
        "Nothing says which arm the others are compared with.",
        "Write `control = true` in one arm, or `compare` in the analysis.";
    NO_DAY_ZERO "no-day-zero":
        "There is no day 0.",
        "The first day is `day 1` or `week 0`; the day before is `day -1`.";
    NO_LADDER "no-ladder":
        "A rule moves a dose by rungs, and the regimen has none.",
        "Give `amount` a list: its entries are the rungs.";
    NO_SUCH_ENCOUNTER "no-such-encounter":
        "An endpoint reads a time at which nothing is recorded.",
        "Use the time of an encounter, or add one.";
    NO_VARIABILITY "no-variability":
        "A covariance names a parameter that does not vary between twins.",
        "Add `~ lognormal` (or `~ normal`) to the parameter.";
    NOT_A_FUNCTION "not-a-function":
        "A name that is not a function is called, or a function is used as a value.",
        "Look at the list of functions in the reference.";
    NOT_A_MEMBER "not-a-member":
        "A level or member is not one of its category or set.",
        "Use one of the listed members.";
    NOT_A_STATE "not-a-state":
        "A dose, an equation or an update names something that is not a state.",
        "Only states can be dosed, differentiated or set.";
    NOT_A_VALUE "not-a-value":
        "A set, an event or a route is used as a number.",
        "Use a quantity; `since(event)` gives the time since an event.";
    NOT_AN_EVENT "not-an-event":
        "`on` or `since` names something that does not happen.",
        "Name an event, a hazard, or a dose line's route or drug.";
    NOT_BINDABLE "not-bindable":
        "`with` replaces something that is not a covariate, an input or a parameter of the used file.",
        "Only these three can be fed from outside.";
    NOT_DIMENSIONLESS "not-dimensionless":
        "A function or exponent that needs a plain number is given a quantity with a unit.",
        "Divide by a reference value, or write `(... in mg/L)`.";
    NOT_PER_TWIN "not-per-twin":
        "A parameter depends on something that changes during the trial.",
        "A parameter belongs to a twin: write `let`, or make the cause a covariate.";
    NOT_POSITIVE_DEFINITE "not-positive-definite":
        "A covariance or correlation matrix cannot be one: some correlation is impossible given the others.",
        "Check the numbers against the paper; the help says which pair is the trouble.";
    NOT_SUPPORTED "not-supported":
        "What the file says is part of the format, but this version cannot do it yet.",
        "Take it out for now; the message says what is missing.";
    NOTHING_TO_REMOVE "nothing-to-remove":
        "A scenario removes a key that the base does not have.",
        "Take the line out.";
    OUT_OF_RANGE "out-of-range":
        "A number is outside what its place allows.",
        "The message gives the limits.";
    OUTPUT_FOLDER "output-folder":
        "The output folder cannot be used.",
        "The message says why.";
    PERCENT_NUMBER "percent-number":
        "A quantity in % meets a bare number.",
        "Write `7 %` for percent; `7` would mean 700 %.";
    RESERVED_NAME "reserved-name":
        "A word of the language is used as a name.",
        "Choose another name.";
    SHARES_DO_NOT_SUM "shares-do-not-sum":
        "Shares that must sum to one do not.",
        "Correct them.";
    SOLVER_FAILED "solver-failed":
        "The equations of some twins could not be solved.",
        "They are counted in `exclusions`; `proband replay` shows one of them.";
    SPREAD_TWICE "spread-twice":
        "A parameter has its spread both on its line and in a full covariance block.",
        "Keep one.";
    SPREAD_UNNAMED "spread-unnamed":
        "A number after a distribution does not say what it is.",
        "Say `sd`, `cv` or `var`: the commonest slip in the field is to take one for another.";
    SUSPICIOUS_CV "suspicious-cv":
        "A coefficient of variation above 500 %.",
        "Write `cv 30%` for 30 percent.";
    SYNTAX "syntax":
        "The text does not follow the grammar.",
        "The message says what was expected.";
    TABLE_ORDER "table-order":
        "The points of a table function do not increase.",
        "Sort the rows by the first column.";
    TABLE_SHAPE "table-shape":
        "A table row has too many or too few values.",
        "A missing value is written `-`.";
    TOML_SYNTAX "toml-syntax":
        "The file is not TOML.",
        "The message says what the TOML reader expected.";
    UNIT_MISMATCH "unit-mismatch":
        "Units do not fit: sums, comparisons, bounds and declarations need one dimension.",
        "The message shows both units; convert, multiply by what is missing, or write the unit after the number.";
    UNIT_POWER "unit-power":
        "A quantity with a unit is raised to a power that changes.",
        "Divide the base by a reference value.";
    UNIT_TWICE "unit-twice":
        "A unit is given to an expression that already has one.",
        "A unit after `)` or `}` gives a plain number its unit; use `in` to take one away.";
    UNKNOWN_ANALYSIS "unknown-analysis":
        "An analysis is named that does not exist.",
        "Use one of the ids of `[analysis.ID]`.";
    UNKNOWN_ARM "unknown-arm":
        "An arm is named that does not exist.",
        "Use one of the ids of `[arm.ID]`.";
    UNKNOWN_DISTRIBUTION "unknown-distribution":
        "A distribution's name is not known.",
        "See the list of distributions in the reference.";
    UNKNOWN_DRUG "unknown-drug":
        "No model takes the drug of a regimen.",
        "Use the drug of a dose line; `record_only = true` records a drug that acts on no model.";
    UNKNOWN_FILE "unknown-file":
        "A file does not exist or cannot be read.",
        "Paths are taken from the file that names them.";
    UNKNOWN_HYPOTHESIS "unknown-hypothesis":
        "Multiplicity names a finding that no analysis makes.",
        "Findings are named `ANALYSIS.ARM` or `ANALYSIS.CONTRAST`.";
    UNKNOWN_INTERCURRENT_EVENT "unknown-intercurrent-event":
        "An estimand names something that cannot happen.",
        "Name a rule, a discontinuation, an adverse event or a model event.";
    UNKNOWN_KEY "unknown-key":
        "A key is not one of its table.",
        "The help proposes the nearest.";
    UNKNOWN_NAME "unknown-name":
        "A name is not declared anywhere in reach.",
        "Declare it, or use the name that the help proposes.";
    UNKNOWN_OPTION "unknown-option":
        "A statement has an option that does not exist.",
        "The help lists what it takes.";
    UNKNOWN_PATH "unknown-path":
        "A scenario, a grid or `--set` changes something that the trial does not have.",
        "Use the path of an existing key; `add = true` adds a table.";
    UNKNOWN_ROUTE "unknown-route":
        "No dose line of the models has the route of a regimen.",
        "Use the route of a dose line.";
    UNKNOWN_SCENARIO "unknown-scenario":
        "A scenario is asked for that the trial does not have.",
        "Use one of the ids of `[scenario.ID]`, `base`, or a value of the grid such as `participants=80`.";
    UNKNOWN_SET "unknown-set":
        "A set or category is not declared.",
        "A unit stands apart from the name: `depot [mg]`; an index is attached: `a[organ]`.";
    UNKNOWN_STATEMENT "unknown-statement":
        "A line does not begin with a word of the language.",
        "The help says what it may have been meant to be.";
    UNKNOWN_UNIT "unknown-unit":
        "A unit is not known.",
        "Units are written without blanks; `unit NAME = ...` declares one.";
    UNKNOWN_WORD "unknown-word":
        "A text is not one of the fixed words of its key.",
        "The message lists them.";
    UNSEEN_NAME "unseen-name":
        "A rule or criterion uses what the trial cannot see.",
        "Nature sees the truth, the trial sees records: use an observable.";
    UNUSED_KEY "unused-key":
        "A key has no effect with the method chosen.",
        "Remove it, or choose the method that uses it.";
    UNUSED_NAME "unused-name":
        "A declared quantity is never used.",
        "A warning: remove it, or use it.";
    UNUSED_TABLE "unused-table":
        "A table is declared that nothing refers to.",
        "Refer to it, or remove it.";
    USED_FILE "used-file":
        "A file that is used has faults of its own.",
        "Mend them first; they are listed at their places.";
    WRONG_ARGUMENTS "wrong-arguments":
        "A function has the wrong number or kind of arguments.",
        "The message says what it takes.";
    WRONG_DESIGN "wrong-design":
        "An analysis does not fit the design.",
        "The message says what it needs.";
    WRONG_INDEX "wrong-index":
        "An index is not attached to a family, or has too many parts.",
        "Indices belong to families: `transit[1]`.";
    WRONG_METHOD "wrong-method":
        "A method does not fit the kind of endpoint, or the model.",
        "The message lists those that do, or says what does not fit.";
    WRONG_PLACE "wrong-place":
        "A name or function is not available in this context.",
        "The message says where it is.";
    WRONG_SPREAD "wrong-spread":
        "A spread does not fit its distribution.",
        "The message says which spreads it takes.";
    WRONG_TYPE "wrong-type":
        "A value has the wrong type.",
        "The message says what is expected.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_words_and_unique() {
        let words: Vec<&str> = catalogue().iter().map(|entry| entry.code.name()).collect();
        assert!(words.windows(2).all(|pair| pair[0] < pair[1]), "sorted, none twice");
        assert!(words.iter().all(|w| w.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    }

    #[test]
    fn a_code_is_found_by_its_word() {
        assert_eq!(explain("unknown-name").map(|e| e.code), Some(code::UNKNOWN_NAME));
        assert!(explain("no-such-code").is_none());
    }
}
