//! A trial of one normal value a participant, and those who take part in it.

use proband_analysis::{Layout, Participant, ParticipantColumns, Record};
use proband_diag::{Faults, InMemory, Sources};
use proband_interim::{Boundaries, Conducted, Entered, People, Rules, conduct};
use proband_math::stream::{Address, Purpose, Seed};
use proband_trial::{Trial, open_trial};

const VALUE: Purpose = Purpose::new("test/value");
const ENTRY: Purpose = Purpose::new("test/entry");
const ARM: Purpose = Purpose::new("test/arm");

const BASE: &str = r#"
[trial]
id = "T"
[model.m]
text = '''
model m "one value"
time day
observe y = 0 ~ normal sd 1
'''
[design]
participants = PARTICIPANTS
[[encounter]]
at = ["day 1", "day 8"]
observe = ["y"]
[endpoint.y]
value = "at(y, day 8)"
better = "higher"
[analysis.y]
endpoint = "y"
method = "t-test"
sided = 1
alpha = 0.025
"#;

/// The trial with these tables added.
pub(crate) fn trial(participants: u32, tables: &str) -> Trial {
    let two_arms =
        if tables.contains("[arm.") { "" } else { "[arm.a]\ncontrol = true\n[arm.b]\n" };
    let base = BASE.replace("PARTICIPANTS", &participants.to_string());
    let text = format!("{base}{two_arms}{tables}");
    let files = InMemory([("t.toml".to_owned(), text)].into());
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let trial = open_trial("t.toml", &files, &[], &mut sources, &mut faults);
    let told: Vec<&str> = faults.sorted().iter().map(|fault| fault.message.as_str()).collect();
    trial.unwrap_or_else(|| panic!("{told:?}"))
}

/// Participants who enter one a day and have their value a week later, with these means by arm.
pub(crate) struct Field<'t> {
    layout: &'t Layout<'t>,
    means: Vec<f64>,
    replicate: u32,
    people: Vec<(Entered, f64)>,
    entered: Vec<Entered>,
}

/// How long after entry the value is there.
const DUE: f64 = 7.0;

impl<'t> Field<'t> {
    pub(crate) fn new(layout: &'t Layout<'t>, means: &[f64], replicate: u32) -> Self {
        let (people, entered) = (Vec::new(), Vec::new());
        Self { layout, means: means.to_vec(), replicate, people, entered }
    }

    fn draw(&self, purpose: Purpose, twin: u64) -> Address {
        Address { twin, replicate: self.replicate, ..Address::new(Seed(20_261_125), purpose) }
    }

    /// Blocks of one participant an arm while the ratio is that of the file, else by chance.
    fn arm(&self, rules: &Rules, twin: u64) -> usize {
        let arms = rules.ratio.len() as u64;
        let first = self.draw(ARM, twin / arms).uniform();
        let plain = rules.ratio.iter().all(|ratio| (ratio - 1.0).abs() < 1e-12);
        if plain {
            let shift = (first * arms as f64) as u64;
            return ((twin + shift) % arms) as usize;
        }
        let total: f64 = rules.ratio.iter().sum();
        let mut left = self.draw(ARM, twin).uniform() * total;
        rules
            .ratio
            .iter()
            .position(|ratio| {
                left -= ratio;
                left < 0.0
            })
            .expect("an arm is open")
    }
}

impl People for Field<'_> {
    type Error = std::convert::Infallible;

    fn enrol(&mut self, rules: &Rules) -> Result<bool, Self::Error> {
        let before = self.people.len() as u64;
        let until = rules.participants.min(before + 40);
        for twin in before..until {
            let arm = self.arm(rules, twin);
            let entry = twin as f64 + self.draw(ENTRY, twin).uniform();
            let value = self.means[arm] + self.draw(VALUE, twin).normal();
            let attended = vec![(0, entry), (1, entry + DUE)];
            let until = entry + DUE;
            let entered = Entered { entry, arm, attended, events: vec![f64::INFINITY], until };
            self.people.push((entered.clone(), value));
            self.entered.push(entered);
        }
        Ok(until > before)
    }

    fn entered(&self) -> &[Entered] {
        &self.entered
    }

    fn known(&mut self, day: f64) -> ParticipantColumns {
        let here: Vec<_> = self.people.iter().filter(|(who, _)| who.entry <= day).collect();
        let mut columns = self.layout.shard(here.len());
        for (row, (who, value)) in here.into_iter().enumerate() {
            let followed = (day - who.entry).min(DUE);
            let record =
                Record { encounter: 1, observable: 0, day: DUE, value: *value, stated: None };
            let records = if followed >= DUE { vec![record] } else { Vec::new() };
            let person = Participant {
                arm: who.arm,
                factual: true,
                sequence: who.arm,
                records: &records,
                followed,
                completed: true,
                stopped: f64::INFINITY,
                ..Participant::default()
            };
            self.layout.fill(&mut columns, row, &person);
        }
        self.layout.evaluate(&mut columns);
        columns
    }

    fn let_go(&mut self, after: f64) {
        self.people.retain(|(who, _)| who.entry <= after);
        self.entered.retain(|who| who.entry <= after);
    }
}

/// Conducts so many replicates.
pub(crate) fn repeated(trial: &Trial, means: &[f64], replicates: u32) -> Vec<Conducted> {
    let layout = Layout::of(trial).expect("a layout");
    let analyses = 0..trial.analyses.len();
    let boundaries: Vec<Boundaries> =
        analyses.map(|analysis| Boundaries::new(trial, analysis)).collect();
    (0..replicates)
        .map(|replicate| {
            let mut field = Field::new(&layout, means, replicate);
            let Ok(conducted) = conduct(trial, &layout, &boundaries, replicate, &mut field);
            conducted
        })
        .collect()
}
