//! Every example of the model language that uses only what is built, run through the whole engine and held to
//! independent reference numbers. `suite/models/README.md` says where those come from and how good they are.

mod clinical;
mod exact;
mod excitable;
mod kinetics;
mod metabolism;
mod oncology;
mod reference;
mod twin;
mod waiting;
mod workloads;
