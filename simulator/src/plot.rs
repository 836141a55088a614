// SPDX-License-Identifier: Apache-2.0
//! Plots as SVG: lines with their intervals, a legend, nothing else.

use crate::estimate::Estimate;
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 220.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;

/// Colours that are told apart by everybody: Okabe and Ito's, and darker ones of them.
const COLOURS: [&str; 12] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7f7f7f",
    "#003e62", "#7a3600", "#00573f", "#70425b",
];

/// A line of a plot.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it shows.
    pub name: String,
    /// Its points, by the first coordinate.
    pub points: Vec<(f64, Estimate)>,
}

/// A plot.
#[derive(Clone, Debug)]
pub struct Plot {
    /// What it shows.
    pub title: String,
    /// The horizontal axis.
    pub across: String,
    /// The vertical axis.
    pub up: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// Whether the horizontal axis is logarithmic.
    pub logarithmic: bool,
}

impl Plot {
    /// The plot as an SVG document.
    pub fn svg(&self) -> String {
        let place = |x: f64| {
            if self.logarithmic {
                x.max(1e-9).log10()
            } else {
                x
            }
        };
        let xs = || (self.lines.iter()).flat_map(|line| line.points.iter().map(|(x, _)| place(*x)));
        let ys = || {
            (self.lines.iter()).flat_map(|line| {
                (line.points.iter()).flat_map(|(_, value)| [value.low(), value.high()])
            })
        };
        let (x0, x1) = range(xs());
        let (y0, y1) = range(ys().chain([0.0]));
        let (wide, high) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        let to_x = |x: f64| LEFT + (place(x) - x0) / (x1 - x0) * wide;
        let to_y = |y: f64| TOP + (y1 - y) / (y1 - y0) * high;
        let mut out = String::new();
        let mut put = |line: String| {
            out.push_str(&line);
            out.push('\n');
        };
        put(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">"
        ));
        put(format!(
            "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>"
        ));
        put(label(LEFT, 22.0, "start", &self.title, 14));
        for step in ticks(y0, y1) {
            let y = to_y(step);
            put(format!(
                "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"{}\"/>",
                LEFT + wide,
                if step == 0.0 { "#000" } else { "#ddd" }
            ));
            put(label(LEFT - 6.0, y + 4.0, "end", &short(step), 11));
        }
        let mut across: Vec<f64> = if self.logarithmic {
            (self.lines.iter())
                .flat_map(|line| line.points.iter().map(|(x, _)| *x))
                .collect()
        } else {
            ticks(x0, x1)
        };
        across.sort_by(f64::total_cmp);
        across.dedup();
        for step in across {
            put(label(
                to_x(step),
                TOP + high + 18.0,
                "middle",
                &short(step),
                11,
            ));
        }
        put(label(
            LEFT + wide / 2.0,
            HEIGHT - 12.0,
            "middle",
            &self.across,
            12,
        ));
        put(format!(
            "<text transform=\"translate(16 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            TOP + high / 2.0,
            escape(&self.up)
        ));
        for (line, (colour, row)) in self.lines.iter().zip(COLOURS.iter().cycle().zip(0u8..)) {
            let mut path = String::new();
            for (x, value) in &line.points {
                let command = if path.is_empty() { 'M' } else { 'L' };
                let (x, y) = (to_x(*x), to_y(value.mean));
                write!(path, "{command}{x:.1} {y:.1}").expect("writing to a string never fails");
                put(format!(
                    "<path d=\"M{x:.1} {:.1}V{:.1}\" stroke=\"{colour}\" stroke-opacity=\".4\"/>",
                    to_y(value.low()),
                    to_y(value.high())
                ));
            }
            put(format!(
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
            ));
            let (x, y) = (LEFT + wide + 14.0, TOP + 8.0 + 18.0 * f64::from(row));
            put(format!(
                "<path d=\"M{x:.1} {y:.1}h16\" stroke=\"{colour}\" stroke-width=\"2\"/>"
            ));
            put(label(x + 22.0, y + 4.0, "start", &line.name, 11));
        }
        put("</svg>".to_owned());
        out
    }
}

fn label(x: f64, y: f64, anchor: &str, text: &str, size: u32) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{}</text>",
        escape(text)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A number without needless digits.
fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// The least and the greatest, apart.
fn range(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
        (low.min(number), high.max(number))
    });
    if low < high {
        (low, high)
    } else {
        (low.min(0.0) - 0.5, high.max(0.0) + 0.5)
    }
}

/// About six round numbers in a range.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 6.0;
    let unit = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * unit)
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(unit);
    let first = (low / step).ceil();
    let count = ((high / step).floor() - first) as u32;
    (0..=count)
        .map(|number| (first + f64::from(number)) * step)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plot_has_a_line_and_a_name_for_each_series() {
        let value = |mean| Estimate { mean, margin: 0.1 };
        let plot = Plot {
            title: "A & B".to_owned(),
            across: "share".to_owned(),
            up: "gain".to_owned(),
            lines: vec![
                Line {
                    name: "one".to_owned(),
                    points: vec![(0.0, value(-1.0)), (0.5, value(1.0))],
                },
                Line {
                    name: "two".to_owned(),
                    points: vec![(0.0, value(0.0)), (0.5, value(0.0))],
                },
            ],
            logarithmic: false,
        };
        let svg = plot.svg();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        assert_eq!(svg.matches("fill=\"none\"").count(), 2);
        assert!(svg.contains("A &amp; B") && svg.contains(">one<") && svg.contains(">two<"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(
            ticks(0.0, 1.0),
            [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]
        );
        assert!(ticks(-3.0, 0.2).contains(&0.0));
    }
}
