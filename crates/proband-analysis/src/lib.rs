//! Declared endpoints and analyses to findings
