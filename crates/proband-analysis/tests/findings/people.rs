//! Made-up participants, and their way into findings.

use proband_analysis::{
    Accumulator, Column, Finding, Happened, InMemory, Layout, Participant, ParticipantColumns,
    Record, Screening, StatisticName, findings,
};
use proband_trial::{Happening, Trial};

/// A participant as the trial saw them.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) arm: usize,
    pub(crate) factual: bool,
    pub(crate) strata: [usize; 2],
    pub(crate) covariates: [f64; 3],
    pub(crate) records: Vec<Record>,
    pub(crate) happenings: Vec<Happened>,
    pub(crate) followed: f64,
}

/// Numbers between 0 and 1 that look like chance (Knuth's MMIX generator).
pub(crate) struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Roughly normal: the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// So many participants, allocated in turn; `arms_each` rows for each twin.
pub(crate) fn people(count: usize, every_arm: bool) -> Vec<Person> {
    let mut chance = Chance::new(7);
    let mut all = Vec::new();
    for twin in 0..count {
        let (age, sex) = (60.0 + 8.0 * chance.normal(), usize::from(chance.next() < 0.5));
        let base = 152.0 + 9.0 * chance.normal();
        let arms = if every_arm { 0..3 } else { twin % 3..twin % 3 + 1 };
        for arm in arms {
            all.push(person(&mut chance, arm, arm == twin % 3, (age, sex, base)));
        }
    }
    all
}

fn person(
    chance: &mut Chance,
    arm: usize,
    factual: bool,
    (age, sex, base): (f64, usize, f64),
) -> Person {
    let effect = [2.0, 6.0, 11.0][arm];
    let at =
        |encounter, day, value| Record { encounter, observable: 0, day, value, stated: None };
    let mut records = vec![at(0, 0.0, base)];
    for (encounter, day, share) in [(1, 28.0, 0.6), (2, 84.0, 1.0)] {
        let value = base - share * effect + 5.0 * chance.normal();
        if chance.next() > 0.1 {
            records.push(at(encounter, day, value));
        }
    }
    let followed = if chance.next() < 0.15 { (84.0 * chance.next()).ceil() } else { 84.0 };
    let mut happenings = Vec::new();
    for (event, rate) in [(0, 0.9), (1, 0.15), (2, 0.3 - 0.08 * arm as f64)] {
        let mut day = 1.0 + 90.0 * chance.next();
        while day < followed && chance.next() < rate {
            let grade = 1 + (3.0 * chance.next()) as u8;
            let what = Happening::AdverseEvent(event);
            happenings.push(Happened {
                what,
                day: day.floor(),
                grade,
                serious: grade == 3,
                discontinuing: false,
            });
            day += 20.0 * chance.next();
        }
    }
    happenings.sort_by(|a, b| a.day.total_cmp(&b.day));
    Person {
        arm,
        factual,
        strata: [usize::from(age >= 65.0), 1 - sex],
        covariates: [age, sex as f64, 1.7],
        records,
        happenings,
        followed,
    }
}

/// The columns of some people.
pub(crate) fn columns(layout: &Layout<'_>, people: &[Person]) -> ParticipantColumns {
    let mut shard = layout.shard(people.len());
    for (row, person) in people.iter().enumerate() {
        let truths = [person.records.first().map_or(f64::NAN, |r| r.value - 10.0)];
        let participant = Participant {
            arm: person.arm,
            factual: person.factual,
            period: 0,
            sequence: 0,
            strata: &person.strata,
            covariates: &person.covariates,
            records: &person.records,
            happenings: &person.happenings,
            doses: &[],
            truths: &truths,
            predicted: &[],
            times: &[],
            treated: true,
            completed: true,
            stopped: f64::INFINITY,
            followed: person.followed,
            treatment: proband_analysis::Exit::AsPlanned,
            trial: proband_analysis::Exit::AsPlanned,
            came: proband_analysis::Came::default(),
            failed: false,
            implausible: &[],
        };
        layout.fill(&mut shard, row, &participant);
    }
    layout.evaluate(&mut shard);
    shard
}

/// The findings of people cut into shards of this size.
pub(crate) fn findings_of(trial: &Trial, people: &[Person], shard: usize) -> Vec<Finding> {
    let layout = Layout::of(trial).unwrap();
    let mut sums = Accumulator::new(&layout);
    let mut source = InMemory::new();
    for part in people.chunks(shard) {
        let columns = columns(&layout, part);
        sums.merge(&Accumulator::of(&layout, &columns));
        source.push(columns.into_columns());
    }
    findings(&layout, &sums, Some(&Screening::default()), &source, 0).unwrap()
}

/// The factual participants' values of a column, by arm.
pub(crate) fn by_arm(
    layout: &Layout<'_>,
    shard: &ParticipantColumns,
    column: Column,
) -> [Vec<f64>; 3] {
    let values = &shard.columns()[layout.position(column).unwrap()];
    let of = |arm: usize| {
        let rows = shard.columns()[0].iter().zip(values);
        rows.filter(|(a, v)| (**a - arm as f64).abs() < 0.5 && !v.is_nan())
            .map(|(_, v)| *v)
            .collect()
    };
    [of(0), of(1), of(2)]
}

/// The one finding of a statistic by analysis, method, and title of the arm under test.
pub(crate) fn find<'a>(
    findings: &'a [Finding],
    (analysis, method): (&str, &str),
    arm: &str,
    statistic: StatisticName,
) -> &'a Finding {
    let fits = |f: &&Finding| {
        f.analysis == analysis
            && f.method == method
            && f.arm.as_deref() == Some(arm)
            && f.statistic == statistic
            && f.group.is_none()
            && f.source.is_none()
    };
    let mut found = findings.iter().filter(fits);
    let first =
        found.next().unwrap_or_else(|| panic!("no {analysis} {method} {arm} {statistic:?}"));
    assert!(found.next().is_none(), "two of {analysis} {method} {arm} {statistic:?}");
    first
}
