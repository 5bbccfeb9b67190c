package bulk

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Rules say what the rows of an input must be.
type Rules struct {
	Verb Verb
	Key  string // a field by which rows are found at Workfront, for Create and Upsert; "": none

	// Known returns an error for a name that is no field; nil: all are. A delete does not ask.
	Known func(name string) error
	// Value makes the value of a field of a cell's text; nil: text stays text.
	Value func(name, text string) (jsontext.Value, error)
	// Member makes the value of a field of one that is JSON already; nil: it is taken as it is.
	Member func(name string, value jsontext.Value) (jsontext.Value, error)
}

// A Sheet is an input that was checked.
type Sheet struct {
	Rows int
	Hash string // of all bytes: "sha256:…"

	in    *Input
	rules Rules
	seed  maphash.Seed
	sums  []uint32 // of each row, so that no row is sent that was not checked
}

// ErrChanged is about an input that was written to while it was read.
var ErrChanged = errors.New("the input has changed since it was checked")

// Check reads the whole input. What is wrong with it is of type [*Faults]; other errors are those of reading.
func Check(ctx context.Context, in *Input, rules Rules) (*Sheet, error) {
	s := &Sheet{in: in, rules: rules, seed: maphash.MakeSeed()}
	sum := sha256.New()
	text := io.TeeReader(in.text(), sum)
	keys := doubles{chunk: doublesChunk}
	defer keys.close()
	var faults Faults
	err := s.scan(text, func(row Row, wrong []*Fault) error {
		for _, f := range wrong {
			faults.add(f)
		}
		if row.Number == 0 {
			return nil // the header
		}
		s.Rows++
		s.sums = append(s.sums, s.sum(row))
		if key := s.identity(row); key != "" {
			if err := keys.add(key, row.Number); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return nil
	})
	if fault, ok := errors.AsType[*Fault](err); ok {
		faults.add(fault)
		faults.Cut, err = true, nil
	}
	if err != nil {
		return nil, err
	}
	var twice lowest
	if err := keys.each(twice.add); err != nil {
		return nil, err
	}
	for _, p := range twice.pairs {
		faults.add(&Fault{Row: p.second, Column: s.rules.needs(), Why: fmt.Sprintf("it is that of row %d", p.first)})
	}
	faults.More += twice.more
	if len(faults.Shown) > 0 {
		return nil, &faults
	}
	if _, err := io.Copy(io.Discard, text); err != nil { // what a reader left of it
		return nil, err
	}
	s.Hash = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return s, nil
}

// identity is what makes two rows the same: the ID or the key; "": nothing does.
func (s *Sheet) identity(row Row) string {
	if s.rules.Verb.creates() {
		return row.Key
	}
	return fold(row.ID)
}

func (s *Sheet) sum(row Row) uint32 {
	h := maphash.Hash{}
	h.SetSeed(s.seed)
	_, _ = h.WriteString(row.ID) // a hash takes everything
	for _, f := range row.Fields {
		_, _ = h.WriteString("\x00" + f.Name + "\x00")
		_, _ = h.Write(f.Value)
	}
	return uint32(h.Sum64())
}

// All reads the rows once more. Its errors are [ErrChanged] and those of reading.
func (s *Sheet) All(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		errStop := errors.New("no more is wanted")
		n := 0
		err := s.scan(s.in.text(), func(row Row, wrong []*Fault) error {
			n++
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case len(wrong) > 0 || n > s.Rows || s.sum(row) != s.sums[n-1]:
				return ErrChanged
			case !yield(row, nil):
				return errStop
			}
			return nil
		})
		if _, ok := errors.AsType[*Fault](err); ok || err == nil && n < s.Rows {
			err = ErrChanged
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(Row{}, err)
		}
	}
}

// scan calls do with each row and what is wrong with it. It returns do's error, or a Fault after which no row can be read.
func (s *Sheet) scan(text io.Reader, do func(Row, []*Fault) error) error {
	m := &meter{r: text, left: maxRow}
	r := bufio.NewReaderSize(m, 64<<10)
	isJSON, err := begin(r)
	if err != nil {
		return err
	}
	if isJSON {
		return s.scanJSON(newObjects(r, m), do)
	}
	return s.scanCSV(&table{r: r, meter: m, line: 1}, do)
}

func (s *Sheet) scanJSON(o *objects, do func(Row, []*Fault) error) error {
	for number := 1; ; number++ {
		v, err := o.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return s.jsonFault(number, err)
		}
		if err := do(s.rules.object(number, v)); err != nil {
			return err
		}
	}
}

func (s *Sheet) jsonFault(number int, err error) error {
	why, offset := jsonWhy(err)
	switch {
	case errors.Is(err, errTooLarge):
		return &Fault{Row: number, Why: errTooLarge.Error()}
	case errors.Is(err, errMore):
		return &Fault{Why: errMore.Error()}
	case why == "":
		return err
	}
	line, err := lineAt(s.in.text(), offset)
	if err != nil {
		return err
	}
	return &Fault{Row: number, Line: line, Why: why}
}

func (s *Sheet) scanCSV(t *table, do func(Row, []*Fault) error) error {
	line, names, err := t.header()
	if err != nil {
		return csvFault(0, line, err)
	}
	names, wrong := s.rules.header(line, names)
	if len(wrong) > 0 {
		err := do(Row{}, wrong)
		if err != nil || !slices.Contains(names, s.rules.needs()) {
			return err // every row would have the same to say
		}
	}
	for number := 1; ; number++ {
		line, cells, err := t.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return csvFault(number, line, err)
		}
		if err := do(s.rules.cells(number, line, names, cells)); err != nil {
			return err
		}
	}
}

// csvFault makes a Fault of what is wrong with a text; errors of reading stay.
func csvFault(number, line int, err error) error {
	switch {
	case errors.Is(err, errTooLarge), errors.Is(err, errBareQuote), errors.Is(err, errAfter), errors.Is(err, errOpenQuote):
		return &Fault{Row: number, Line: line, Why: err.Error(), Err: err}
	}
	return err
}
