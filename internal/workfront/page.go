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
	most         int // bytes
	rows         []row

	body    []byte
	source  bytes.Buffer
	decoder jsontext.Decoder
	values  []jsontext.Value // what was handed out last
}

// short tells whether there are less rows than asked for: the list ended, or the server has a limit.
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
		err := fmt.Errorf("it cannot be read in pages: %s answered %d", l.url.Host, resp.StatusCode)
		if resp.StatusCode/100 == 2 && l.session != nil {
			var body io.Reader
			if body, err = decode(resp); err == nil {
				err = p.fill(body, resp.ContentLength, p.most)
			}
			resp.Body.Close()
			if errors.Is(err, errTooLarge) {
				return outcome{err: err, burden: heavy}
			}
			if err != nil {
				return outcome{err: fmt.Errorf("%s: %w", l.url.Host, err), again: ifReading, burden: doubtful}
			}
			if err = p.parse(); err == nil {
				return outcome{honoured: true}
			}
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(p.body)), int64(len(p.body))
		}
		o := c.read(q, l, resp)
		if o.err == nil { // whatever it is, it has no rows for us
			o.drop()
			o = outcome{err: err}
		}
		return o
	}
}

// fill reads the body, of a size that is expected where it is positive, and at most of so many bytes.
func (p *page) fill(r io.Reader, size int64, most int) error {
	p.body = slices.Grow(p.body[:0], int(min(max(size, 0)+bytes.MinRead, int64(most))))
	for {
		if len(p.body) >= most {
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
// Names that come twice and bytes that are not UTF-8 are the server's to answer for, and pass.
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
		name, err := d.ReadToken()
		if err != nil {
			return notJSON(err)
		}
		switch name.String() {
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
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errNotJSON
	}
	if !found {
		return errNoArray
	}
	return nil
}

func notJSON(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("%w: %w after %d bytes", errNotJSON, syntax.Err, syntax.ByteOffset)
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
	v, err := p.decoder.ReadValue()
	if err != nil {
		return row{}, err
	}
	end := int(p.decoder.InputOffset())
	r := row{value: p.body[end-len(v) : end]}
	if err := r.findID(); err != nil {
		return row{}, fmt.Errorf("it cannot be read in pages: row %d of the answer %w", len(p.rows)+1, err)
	}
	return r, nil
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
