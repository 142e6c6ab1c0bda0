//! Why a map file was refused, in words that say where and what to do.
//!
//! Must not repeat more of the file than a name or a number: what it holds may be of persons.

use std::fmt;

/// Where in a file something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum At {
    /// The feature (record, row, placemark) with this number, from 1.
    Feature(usize),
    /// The line of the text with this number, from 1.
    Line(u64),
}

impl At {
    /// In Chinese: `第 12 个要素`.
    pub fn zh(self) -> String {
        match self {
            Self::Feature(n) => format!("第 {n} 个要素"),
            Self::Line(n) => format!("第 {n} 行"),
        }
    }

    /// In English: `feature 12`.
    pub fn en(self) -> String {
        match self {
            Self::Feature(n) => format!("feature {n}"),
            Self::Line(n) => format!("line {n}"),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

/// A file that is not taken. Nothing of it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// Stable code: `too_big`, `axes_reversed`, `projected`, …
    pub code: &'static str,
    /// Where, when it is in one place.
    pub at: Option<At>,
    /// What is wrong and what to do, Chinese.
    pub zh: String,
    /// What is wrong and what to do, English.
    pub en: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{at}: {}", self.en),
            None => f.write_str(&self.en),
        }
    }
}

impl std::error::Error for FileFault {}

impl FileFault {
    pub(crate) fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            at: None,
            zh: zh.into(),
            en: en.into(),
        }
    }

    pub(crate) fn at(mut self, at: Option<At>) -> Self {
        self.at = self.at.or(at);
        self
    }

    /// The file does not keep to its format: `what` names the part that does not.
    pub(crate) fn broken(what: &str) -> Self {
        Self::new(
            "broken",
            format!("文件已损坏或不符合格式（{what}）：请重新导出后再导入"),
            format!("the file is damaged or not of its format ({what}): export it again"),
        )
    }

    pub(crate) fn too_big(bytes: usize) -> Self {
        let mib = bytes >> 20;
        Self::new(
            "too_big",
            format!("文件展开后超过 {mib} MiB：请分成几个文件导入"),
            format!("the file is larger than {mib} MiB when unpacked: import it in parts"),
        )
    }

    pub(crate) fn kind(what: &str) -> Self {
        let what: String = what.chars().take(40).collect();
        Self::new(
            "geometry_kind",
            format!("几何类型 {what} 不能导入：只接受面（多边形、多面）和单点"),
            format!(
                "geometry of kind {what} cannot be imported: only polygons and single points are"
            ),
        )
    }

    pub(crate) fn nesting() -> Self {
        Self::new(
            "nesting",
            "嵌套层数过多：这不是正常的地图文件",
            "nested too deeply: this is not a sound map file",
        )
    }

    pub(crate) fn encoding() -> Self {
        Self::new(
            "encoding",
            "文字编码无法识别：请用 UTF-8 或 GBK 保存后再导入",
            "the text is neither UTF-8 nor GBK: save it in one of them",
        )
    }
}
