package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/terminal"
)

// id is a Workfront ID: 32 hexadecimal digits.
type id [16]byte

func (i id) String() string { return hex.EncodeToString(i[:]) }

var errNoID = errors.New("an ID is 32 hexadecimal digits")

func parseID(text string) (i id, err error) {
	if n, err := hex.Decode(i[:], []byte(text[:min(len(text), 32)])); err != nil || n != len(i) || len(text) != 32 {
		return id{}, errNoID
	}
	return i, nil
}

// readIDs reads the IDs in a file, or in stdin for -: one on a line, or those in the column ID of CSV, or in the member ID of objects of
// JSON, in lines or in an array. All is read before anything is asked for.
func (a *app) readIDs(ctx context.Context, name string) ([]id, error) {
	var in io.Reader
	if name == "-" {
		name, in = "stdin", terminal.Reader(ctx, a.env.Stdin)
	} else {
		file, err := os.Open(name)
		if err != nil {
			return nil, usagef("", "--input: %v", err)
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.IsDir() {
			return nil, usagef("", "--input: %s is a folder", name)
		}
		in = terminal.Reader(ctx, file)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	text = []byte(config.Decoded(string(text)))
	first, _, _ := bytes.Cut(bytes.TrimLeft(text, " \t\r\n"), []byte("\n"))
	read := idsOfLines
	switch line := string(bytes.TrimSpace(first)); {
	case strings.HasPrefix(line, "{"), strings.HasPrefix(line, "["):
		read = idsOfJSON
	case slices.Contains(columnsOf(line), "ID"):
		read = idsOfCSV
	}
	ids, err := read(text)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, usagef("", "--input %s: %v", name, err)
	case len(ids) == 0:
		return nil, usagef("", "--input %s: there is no ID in it", name)
	}
	return ids, nil
}

// separator is what parts the columns of a header.
func separator(header string) rune {
	for _, c := range [...]rune{'\t', ';'} {
		if strings.ContainsRune(header, c) {
			return c
		}
	}
	return ','
}

func columnsOf(header string) []string {
	r := csv.NewReader(strings.NewReader(header))
	r.Comma, r.LazyQuotes = separator(header), true
	columns, _ := r.Read() // what is no header has no columns
	return columns
}

func idsOfLines(text []byte) (ids []id, err error) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		i, err := parseID(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %q: %w; CSV begins with a header that has ID", n, terminal.Clip(line), err)
		}
		ids = append(ids, i)
	}
	return ids, lines.Err()
}

func idsOfCSV(text []byte) (ids []id, err error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimLeft(text, "\r\n")))
	header, _, _ := strings.Cut(strings.TrimLeft(string(text), "\r\n"), "\n")
	r.Comma, r.ReuseRecord, r.FieldsPerRecord = separator(header), true, 0
	column := slices.Index(columnsOf(strings.TrimSpace(header)), "ID")
	for row := 0; ; row++ {
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return ids, nil
		case err != nil:
			return nil, err
		case row == 0:
			continue
		}
		i, err := parseID(strings.TrimSpace(cells[column]))
		if err != nil {
			line, _ := r.FieldPos(column)
			return nil, fmt.Errorf("row %d (line %d): ID %q: %w", row, line, terminal.Clip(cells[column]), err)
		}
		ids = append(ids, i)
	}
}

func idsOfJSON(text []byte) (ids []id, err error) {
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if d.PeekKind() == jsontext.KindBeginArray {
		if _, err := d.ReadToken(); err != nil {
			return nil, err
		}
	}
	for row := 1; ; row++ {
		if d.PeekKind() == jsontext.KindEndArray {
			_, err := d.ReadToken()
			return ids, err
		}
		value, err := d.ReadValue()
		switch {
		case errors.Is(err, io.EOF):
			return ids, nil
		case err != nil:
			return nil, fmt.Errorf("row %d is not JSON: %w", row, err)
		}
		i, err := parseID(output.Text(output.Member(value, "ID")))
		if err != nil {
			return nil, fmt.Errorf("row %d: its ID: %w", row, err)
		}
		ids = append(ids, i)
	}
}
