package workfront

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// maxPage bounds a page in memory, in bytes. Pages of 2,000 ordinary rows have about a megabyte.
const maxPage = 256 << 20

// page is a run of rows as one answer gave it. It is used again for other answers, and with it its memory.
type page struct {
	first, asked int // $$FIRST and $$LIMIT
	rows         []row

	body    []byte
	source  bytes.Buffer
	decoder jsontext.Decoder
	values  []jsontext.Value // what was handed out last
}

// row is one of the objects in data.
type row struct {
	value jsontext.Value // part of page.body
	id    []byte         // unquoted; part of page.body unless it was escaped
	from  int            // where in value the member ID begins, with its name
	to    int            // where it ends; 0 while there is none
}

// short tells whether the list ended with this page when it was answered.
func (p *page) short() bool { return len(p.rows) < p.asked }

var (
	errNotJSON = errors.New("the answer is not JSON")
	errNoArray = errors.New("it cannot be read in pages: the answer has no array data")
	errObject  = errors.New("it cannot be read in pages: the answer's data is one object and not a list")
	errRefused = errors.New("the answer has an error")

	errTooLarge = fmt.Errorf("a page is larger than %d MiB: ask for fewer rows a page, or for fewer fields", maxPage>>20)
)

// reader reads answers to q into p. What is not a page is left to [Client.read], which knows how to tell and what to do about it.
func (p *page) reader(c *Client, q *call) func(l leg, resp *http.Response) outcome {
	return func(l leg, resp *http.Response) outcome {
		if resp.StatusCode/100 != 2 || l.session == "" {
			return c.read(q, l, resp)
		}
		r, err := decode(resp)
		if err == nil {
			err = p.fill(r, resp.ContentLength)
		}
		resp.Body.Close()
		if errors.Is(err, errTooLarge) {
			return outcome{err: err}
		}
		if err != nil {
			return outcome{err: fmt.Errorf("%s: %w", l.url.Host, err), again: ifReading}
		}
		if err = p.parse(); err == nil {
			return outcome{honoured: true}
		}
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(p.body)), int64(len(p.body))
		o := c.read(q, l, resp)
		if o.err == nil {
			o.drop()
			o = outcome{err: err}
		}
		return o
	}
}

// fill reads the body, of a size that is expected where it is positive.
func (p *page) fill(r io.Reader, size int64) error {
	p.body = slices.Grow(p.body[:0], int(min(max(size, 0)+bytes.MinRead, maxPage)))
	for {
		if len(p.body) >= maxPage {
			return errTooLarge
		}
		p.body = slices.Grow(p.body, bytes.MinRead)
		n, err := r.Read(p.body[len(p.body):cap(p.body)])
		p.body = p.body[:len(p.body)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return cutAfter(len(p.body), err)
		}
	}
}

// parse finds the rows of {"data":[…]} and their IDs.
//
// Names that come twice and bytes that are not UTF-8 are the server's to answer for and pass; only where they make a row's place in
// the list doubtful are they an error.
func (p *page) parse() error {
	p.rows = p.rows[:0]
	p.source = *bytes.NewBuffer(p.body)
	d := &p.decoder
	d.Reset(&p.source, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if d.PeekKind() != '{' {
		if err := d.SkipValue(); err != nil {
			return errNotJSON
		}
		return errNoArray
	}
	if _, err := d.ReadToken(); err != nil {
		return errNotJSON
	}
	found := false
	for d.PeekKind() == '"' {
		_, name, err := p.text()
		if err != nil {
			return notJSON(err)
		}
		switch string(name) {
		case "data":
			if found {
				return errors.New("the answer has data twice")
			}
			found = true
			err = p.list()
		case "error":
			if kind := d.PeekKind(); kind != 'n' && kind != 'f' {
				return errRefused
			}
			err = d.SkipValue()
		default:
			err = d.SkipValue()
		}
		if err != nil {
			return notJSON(err)
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return notJSON(err)
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return errNotJSON
	}
	if !found {
		return errNoArray
	}
	return nil
}

func notJSON(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("%w: %s after %d bytes", errNotJSON, syntax.Err, syntax.ByteOffset)
	}
	return err
}

// list reads the array of rows.
func (p *page) list() error {
	d := &p.decoder
	switch d.PeekKind() {
	case '[':
	case '{':
		return errObject
	default:
		return errNoArray
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		r, err := p.row()
		if err != nil {
			return err
		}
		p.rows = append(p.rows, r)
	}
	_, err := d.ReadToken()
	return err
}

func (p *page) row() (row, error) {
	d := &p.decoder
	if kind := d.PeekKind(); kind != '{' {
		if err := d.SkipValue(); err != nil {
			return row{}, err
		}
		return row{}, fmt.Errorf("it cannot be read in pages: row %d of the answer is not an object", len(p.rows)+1)
	}
	if _, err := d.ReadToken(); err != nil {
		return row{}, err
	}
	begin := int(d.InputOffset()) - 1
	var r row
	for d.PeekKind() == '"' {
		raw, name, err := p.text()
		if err != nil {
			return row{}, err
		}
		if string(name) != "ID" {
			if err := d.SkipValue(); err != nil {
				return row{}, err
			}
			continue
		}
		if r.to > 0 {
			return row{}, fmt.Errorf("row %d of the answer has two IDs", len(p.rows)+1)
		}
		r.from = int(d.InputOffset()) - len(raw) - begin
		if d.PeekKind() != '"' {
			return row{}, p.noID()
		}
		if _, r.id, err = p.text(); err != nil {
			return row{}, err
		}
		r.to = int(d.InputOffset()) - begin
	}
	if _, err := d.ReadToken(); err != nil {
		return row{}, err
	}
	if r.to == 0 {
		return row{}, p.noID()
	}
	r.value = p.body[begin:d.InputOffset()]
	return r, nil
}

func (p *page) noID() error {
	return fmt.Errorf("it cannot be read in pages: row %d of the answer has no ID", len(p.rows)+1)
}

// text reads a string, as it stands there and unquoted. Where it has no escapes, both are part of body.
func (p *page) text() (raw, text []byte, err error) {
	v, err := p.decoder.ReadValue()
	if err != nil {
		return nil, nil, err
	}
	end := int(p.decoder.InputOffset())
	raw = p.body[end-len(v) : end]
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw, raw[1 : len(raw)-1], nil
	}
	text, _ = jsontext.AppendUnquote(nil, raw) // its one error is of bytes that are not UTF-8
	return raw, text, nil
}

// hand gives the values of rows, valid until p is used again, and without their IDs where those are to be hidden.
func (p *page) hand(rows []row, hidden bool) []jsontext.Value {
	p.values = p.values[:0]
	for _, r := range rows {
		if hidden {
			r.value = r.withoutID()
		}
		p.values = append(p.values, r.value)
	}
	return p.values
}

// withoutID removes the member ID and one comma, and leaves every other byte as it was. The row is overwritten, its id with it.
func (r row) withoutID() jsontext.Value {
	const space = " \t\r\n"
	from, to := r.from, r.to
	before := bytes.TrimRight(r.value[:from], space)
	after := bytes.TrimLeft(r.value[to:], space)
	if before[len(before)-1] == ',' {
		from = len(before) - 1
	} else if after[0] == ',' {
		to = len(r.value) - len(after) + 1
	}
	return append(r.value[:from], r.value[to:]...)
}
