//! Bytes to text: UTF-8, or GBK in which Chinese offices still save tables.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8};

use crate::fault::FileFault;

/// The text of a file without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FileFault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => GB18030
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or_else(FileFault::encoding),
    }
}

/// The text of one cell that may have been cut in the middle of a character.
pub(super) fn decode_cell(
    bytes: &[u8],
    encoding: Option<&'static Encoding>,
) -> Result<String, FileFault> {
    if encoding.is_none_or(|encoding| encoding == UTF_8) {
        match std::str::from_utf8(bytes) {
            Ok(text) => return Ok(text.to_owned()),
            Err(error) if encoding.is_some() && error.error_len().is_none() => {
                let whole = &bytes[..error.valid_up_to()];
                return Ok(String::from_utf8_lossy(whole).into_owned());
            }
            Err(_) if encoding.is_some() => return Err(FileFault::encoding()),
            Err(_) => {}
        }
    }
    let encoding = encoding.unwrap_or(GB18030);
    let decode = |bytes| encoding.decode_without_bom_handling_and_without_replacement(bytes);
    decode(bytes)
        .or_else(|| decode(bytes.split_last()?.1))
        .map(Cow::into_owned)
        .ok_or_else(FileFault::encoding)
}

/// The encoding that the .cpg of a Shapefile names: a name, or the number of a code page.
pub(super) fn of_cpg(cpg: &[u8]) -> Option<&'static Encoding> {
    let name: String = String::from_utf8_lossy(cpg).trim().to_ascii_uppercase();
    match name
        .trim_start_matches("CP")
        .trim_start_matches("ANSI ")
        .trim()
    {
        "65001" | "UTF-8" | "UTF8" => Some(UTF_8),
        "936" | "GBK" | "GB2312" | "54936" | "GB18030" | "OEM 936" => Some(GB18030),
        name => Encoding::for_label(name.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_and_gbk() {
        let gbk = b"\xcb\xab\xc1\xf7\xc7\xf8";
        assert_eq!(decode("双流区".as_bytes()).as_deref(), Ok("双流区"));
        assert_eq!(decode(b"\xef\xbb\xbfa").as_deref(), Ok("a"));
        assert_eq!(decode(gbk).as_deref(), Ok("双流区"));
        assert!(decode(b"\xff\xff\xff").is_err());
        assert_eq!(of_cpg(b"UTF-8\r\n"), Some(UTF_8));
        assert_eq!(of_cpg(b"cp936"), Some(GB18030));
        assert_eq!(of_cpg(b"nonsense"), None);
        assert_eq!(decode_cell(gbk, None).as_deref(), Ok("双流区"));
        assert_eq!(
            decode_cell(&gbk[..5], Some(GB18030)).as_deref(),
            Ok("双流"),
            "cut"
        );
        assert_eq!(
            decode_cell(&"双流".as_bytes()[..5], Some(UTF_8)).as_deref(),
            Ok("双"),
            "cut"
        );
        assert!(
            decode_cell(gbk, Some(UTF_8)).is_err(),
            "it said it was UTF-8"
        );
    }
}
