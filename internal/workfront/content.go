package workfront

import (
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// contentOf reads what a header says of a file. Nothing of it is believed to be safe.
func contentOf(resp *http.Response) Content {
	h := resp.Header
	c := Content{Name: fileName(h.Get("Content-Disposition")), Size: resp.ContentLength, Validator: validator(h)}
	for unit := range strings.SplitSeq(h.Get("Accept-Ranges"), ",") {
		c.Resumes = c.Resumes || strings.EqualFold(strings.TrimSpace(unit), "bytes")
	}
	if resp.StatusCode == http.StatusPartialContent {
		c.Resumes = true
		c.From, c.Size = contentRange(h.Get("Content-Range"))
	}
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	c.Page = (kind == "text/html" || kind == "application/xhtml+xml") && !isAttachment(h)
	return c
}

// validator is what If-Range takes: a strong ETag, or the date of the last change.
func validator(h http.Header) string {
	if tag := h.Get("ETag"); strings.HasPrefix(tag, `"`) {
		return tag
	}
	changed := h.Get("Last-Modified")
	if _, err := http.ParseTime(changed); err != nil {
		return ""
	}
	return changed
}

// contentRange reads RFC 9110, 14.4: "bytes 500-999/1000", or with * for the size. What it cannot read begins nowhere.
func contentRange(value string) (from, size int64) {
	unit, value, _ := strings.Cut(strings.TrimSpace(value), " ")
	span, total, ok := strings.Cut(value, "/")
	begin, end, ok2 := strings.Cut(span, "-")
	if !ok || !ok2 || !strings.EqualFold(unit, "bytes") {
		return -1, -1
	}
	first, err := strconv.ParseInt(strings.TrimSpace(begin), 10, 64)
	last, err2 := strconv.ParseInt(strings.TrimSpace(end), 10, 64)
	if err != nil || err2 != nil || first < 0 || last < first {
		return -1, -1
	}
	whole, err := strconv.ParseInt(strings.TrimSpace(total), 10, 64)
	if err != nil || whole <= last {
		return first, -1
	}
	return first, whole
}

// fileName is the name in a Content-Disposition. Workfront sends it percent-encoded ("Brief%20Q3.pdf").
func fileName(disposition string) string {
	_, parameters, err := mime.ParseMediaType(disposition)
	name := parameters["filename"]
	if err != nil || name == "" {
		return ""
	}
	if strings.Contains(strings.ToLower(disposition), "filename*") {
		return name // was decoded
	}
	if plain, err := url.PathUnescape(name); err == nil && utf8.ValidString(plain) {
		return plain
	}
	return name
}

// isAttachment tells that an answer is meant to be kept, whatever it holds.
func isAttachment(h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Disposition"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "attachment")
}
