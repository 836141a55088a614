// SPDX-License-Identifier: Apache-2.0
//! Tables, for the terminal and for files.

use crate::estimate::{Estimate, Finding};
use comfy_table::{Cell, CellAlignment, LineStyle, Table, TableStyle};
use std::fmt::Write;

/// One line below the header, and none between rows.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// An estimate as text: `-1.234 ± 0.010`.
fn text(estimate: &Estimate) -> String {
    format!("{:+.4} ± {:.4}", estimate.mean, estimate.margin)
}

/// Whether a strategy pays: surely, perhaps, or not.
pub fn verdict(advantage: &Estimate) -> &'static str {
    if advantage.low() > 0.0 {
        "pays"
    } else if advantage.high() > 0.0 {
        "unclear"
    } else if advantage.mean == 0.0 {
        "nothing"
    } else {
        "loses"
    }
}

/// A table of findings.
pub fn table(findings: &[Finding]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header([
        "strategy",
        "share of stake",
        "samples",
        "gains",
        "more than honest",
        "others lose",
        "",
    ]);
    for finding in findings {
        let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(finding.strategy.name()),
            number(format!("{:.0}%", finding.share * 100.0)),
            number(finding.samples.to_string()),
            number(text(&finding.gains)),
            number(text(&finding.advantage)),
            number(text(&finding.harm)),
            Cell::new(verdict(&finding.advantage)),
        ]);
    }
    table
}

/// The same as comma-separated values, with the ends of intervals.
pub fn csv(findings: &[Finding]) -> String {
    let mut out = String::from(
        "strategy,share,samples,gains,gains_margin,advantage,advantage_margin,harm,harm_margin,verdict\n",
    );
    for finding in findings {
        let Finding {
            strategy,
            share,
            samples,
            gains,
            advantage,
            harm,
        } = finding;
        writeln!(
            out,
            "{},{share:.4},{samples},{:.6},{:.6},{:.6},{:.6},{:.6},{:.6},{}",
            strategy.name(),
            gains.mean,
            gains.margin,
            advantage.mean,
            advantage.margin,
            harm.mean,
            harm.margin,
            verdict(advantage),
        )
        .expect("writing to a string never fails");
    }
    out
}
