package workfront

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// InputError is an [Request.Input] that is not JSON. Line and Column count from 1, the column in characters.
type InputError struct {
	Line, Column int
	Why          string
}

func (e *InputError) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Why) }

// byteOrderMark is that of UTF-8, which JSON does not have (RFC 8259, 8.1).
const byteOrderMark = "\xef\xbb\xbf"

// utf16Why says what to do about a text whose beginning is UTF-16: JSON is UTF-8 between programs. Empty: it is not.
func utf16Why(start []byte) string {
	marked := bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff"))
	if marked || bytes.IndexByte(start, 0) >= 0 {
		return "this is UTF-16: save it as UTF-8"
	}
	return ""
}

// InputIsJSON tells whether an Input that comes with this header is sent as JSON.
func InputIsJSON(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return h.Get("Content-Type") == "" || err == nil && (strings.HasSuffix(kind, "/json") || strings.HasSuffix(kind, "+json"))
}

// CheckInput reads a file from where it stands to its end, one part of it at a time, and makes sure that it is one JSON text in
// UTF-8. It leaves the file where the text begins, after a byte order mark if there is one. Its errors are of type [*InputError],
// or those of reading.
func CheckInput(file io.ReadSeeker) error {
	start, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	text := bufio.NewReaderSize(file, 64<<10)
	head, _ := text.Peek(4) // an error comes again
	if why := utf16Why(head); why != "" {
		return &InputError{1, 1, why}
	}
	if bytes.HasPrefix(head, []byte(byteOrderMark)) {
		start += int64(len(byteOrderMark))
		_, _ = text.Discard(len(byteOrderMark)) // they were there
	}
	offset, why, err := wrongJSON(text)
	if err != nil {
		return err
	}
	if _, err := file.Seek(start, io.SeekStart); err != nil {
		return err
	}
	if why == "" {
		return nil
	}
	line, column, err := position(file, offset)
	if err != nil {
		return err
	}
	return &InputError{line, column, why}
}

// wrongJSON finds the first thing that is wrong with a JSON text: where, in bytes, and why. A reason is empty where all is right.
func wrongJSON(text io.Reader) (offset int64, why string, err error) {
	d := jsontext.NewDecoder(text, jsontext.AllowDuplicateNames(true))
	for whole := false; !whole; whole = d.StackDepth() == 0 {
		_, err := d.ReadToken()
		if wrong, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			return wrong.ByteOffset, reasonOf(wrong), nil
		}
		if errors.Is(err, io.EOF) {
			return 0, "it is empty", nil
		}
		if err != nil {
			return 0, "", err
		}
	}
	d.PeekKind() // has what follows in the buffer
	rest := d.UnreadBuffer()
	offset = d.InputOffset() + int64(len(rest)-len(bytes.TrimLeft(rest, " \t\r\n")))
	_, err = d.ReadToken()
	if errors.Is(err, io.EOF) {
		return 0, "", nil
	}
	if _, ok := errors.AsType[*jsontext.SyntacticError](err); err != nil && !ok {
		return 0, "", err
	}
	return offset, "there is more after the end of the JSON value: one is sent, such as an array", nil
}

func reasonOf(wrong *jsontext.SyntacticError) string {
	if errors.Is(wrong, io.ErrUnexpectedEOF) {
		return "not JSON: it ends too early"
	}
	return oneLine("not JSON: " + wrong.Err.Error())
}

// position counts the lines and characters of text before offset.
func position(text io.Reader, offset int64) (line, column int, err error) {
	line, column = 1, 1
	r := bufio.NewReaderSize(io.LimitReader(text, offset), 64<<10)
	for {
		c, _, err := r.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return line, column, nil
		case err != nil:
			return 0, 0, err
		case c == '\n':
			line, column = line+1, 1
		default:
			column++
		}
	}
}

// StreamInput is a JSON text that comes from a pipe: without a byte order mark. What else it holds is seen when it is sent, but for
// UTF-16, which is an [*InputError].
func StreamInput(pipe io.Reader) (io.Reader, error) {
	text := bufio.NewReaderSize(pipe, 32<<10)
	head, err := text.Peek(utf8.UTFMax)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if why := utf16Why(head); why != "" {
		return nil, &InputError{1, 1, why}
	}
	if bytes.HasPrefix(head, []byte(byteOrderMark)) {
		_, _ = text.Discard(len(byteOrderMark))
	}
	return text, nil
}
