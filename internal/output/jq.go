package output

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// ErrHalt is what a run returns whose program called halt: nothing more is to
// be done, and that is no failure.
var ErrHalt = errors.New("jq: halted")

// A Program is a compiled jq program. It may run several times at once.
type Program struct {
	code *gojq.Code
}

// CompileJQ compiles a jq program. The program sees its document and nothing
// else: the environment, where secrets may be, is empty to it, and there is no
// input and no module to read. The error is one line that names the character
// where the syntax goes wrong, or the function or variable there is none of.
// fromdate reads a fraction of a second too, for jq itself fails on one.
func CompileJQ(program string) (*Program, error) {
	query, err := gojq.Parse(program)
	if bad, ok := errors.AsType[*gojq.ParseError](err); ok {
		return nil, fmt.Errorf("jq: %s at %s", bad.Error(), position(program, bad.Offset-len(bad.Token)))
	}
	if err != nil {
		return nil, jqError(err)
	}
	dates, err := gojq.Parse("def fromdateiso8601: _fromdate; def fromdate: _fromdate; .")
	if err != nil {
		return nil, jqError(err)
	}
	query.FuncDefs = append(dates.FuncDefs, query.FuncDefs...)
	code, err := gojq.Compile(query, gojq.WithFunction("_fromdate", 0, 0, fromDate))
	if err != nil {
		return nil, jqError(err)
	}
	return &Program{code}, nil
}

// fromDate is jq's fromdate: the seconds since 1970.
func fromDate(value any, _ []any) any {
	text, ok := value.(string)
	if !ok {
		return errors.New("fromdate wants a text")
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, text); err == nil { // with any fraction
			if t.Nanosecond() == 0 {
				return int(t.Unix())
			}
			return float64(t.UnixMilli()) / 1e3
		}
	}
	return fmt.Errorf("fromdate cannot read %q as a date; Workfront's own are readable with --dates iso", text)
}

// position names the place at a byte offset of a program, counted from 1.
func position(program string, offset int) string {
	before := program[:min(max(offset, 0), len(program))]
	line, start := 1+strings.Count(before, "\n"), 1+strings.LastIndexByte(before, '\n')
	character := 1 + utf8.RuneCountInString(before[start:])
	if line == 1 {
		return fmt.Sprintf("character %d", character)
	}
	return fmt.Sprintf("line %d, character %d", line, character)
}

func jqError(err error) error { return errors.New("jq: " + err.Error()) }

// Run runs the program over one JSON document and writes each result on a line
// of its own, strings raw and everything else as compact JSON. Numbers that the
// program does not compute with keep their notation; object keys come sorted.
// The results before an error are written. An empty document has no results.
func (p *Program) Run(ctx context.Context, w io.Writer, document []byte) error {
	results := bufio.NewWriterSize(w, 64<<10)
	err := p.run(ctx, results, document)
	if lost := results.Flush(); lost != nil {
		return lost
	}
	return err
}

func (p *Program) run(ctx context.Context, w *bufio.Writer, document []byte) error {
	if len(bytes.TrimSpace(document)) == 0 {
		return nil
	}
	value, err := decode(document)
	if err != nil {
		return jqError(err)
	}
	for results := p.code.RunWithContext(ctx, value); ; {
		result, ok := results.Next()
		if !ok {
			return nil
		}
		var text []byte
		switch result := result.(type) {
		case error:
			return stopped(ctx, result)
		case string:
			text = []byte(result)
		default:
			if text, err = gojq.Marshal(result); err != nil {
				return jqError(err)
			}
		}
		if _, err := w.Write(append(text, '\n')); err != nil {
			return err
		}
	}
}

// stopped tells why a run ended early.
func stopped(ctx context.Context, err error) error {
	if halt, ok := errors.AsType[*gojq.HaltError](err); ok && halt.Value() == nil {
		return ErrHalt
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return jqError(err)
}

// decode parses one JSON document for gojq, which takes a json.Number and
// leaves its digits alone until it has to compute with them.
func decode(document []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("the answer is not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("the answer is more than one JSON document")
	}
	return value, nil
}
