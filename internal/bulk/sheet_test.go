package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// fieldRules are those of an object with some fields: n is a number, all others are text.
func fieldRules(verb Verb, key string) Rules {
	return Rules{
		Verb: verb, Key: key,
		Known: func(name string) error {
			if strings.Contains(" name n key text ", " "+name+" ") {
				return nil
			}
			return fmt.Errorf("there is no field %s", name)
		},
		Value: func(name, text string) (jsontext.Value, error) {
			if v := jsontext.Value(text); name == "n" {
				if v.Kind() != '0' || !v.IsValid() {
					return nil, errors.New("n is a number")
				}
				return v, nil
			}
			return appendQuoted(nil, text), nil
		},
		Member: func(name string, v jsontext.Value) (jsontext.Value, error) {
			if name == "n" && v.Kind() != '0' {
				return nil, errors.New("n is a number")
			}
			return v, nil
		},
	}
}

func input(t testing.TB, text string) *Input {
	t.Helper()
	in, err := Spool(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func sheet(t testing.TB, text string, rules Rules) *Sheet {
	t.Helper()
	s, err := Check(t.Context(), input(t, text), rules)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asLines shows rows as JSON, one a line.
func asLines(t testing.TB, s *Sheet) string {
	t.Helper()
	var lines []byte
	for row, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(row.appendObject(fmt.Appendf(lines, "%d ", row.Number)), '\n')
	}
	return string(lines)
}

const idA, idB = "0123456789abcdef0123456789abcdea", "0123456789abcdef0123456789abcdeb"

func TestRowsIn(t *testing.T) {
	t.Parallel()
	const two = "1 {\"name\":\"a\",\"n\":1}\n2 {\"name\":\"b\",\"n\":2}\n"
	for _, c := range []struct{ name, text, want string }{
		{"csv", "name,n\na,1\nb,2\n", two},
		{"CRLF", "name,n\r\na,1\r\nb,2\r\n", two},
		{"CR", "name,n\ra,1\rb,2\r", two},
		{"no last end of a line", "name,n\na,1\nb,2", two},
		{"empty last lines", "name,n\na,1\n\nb,2\n\n\r\n", two},
		{"empty first line", "\r\n\nname,n\na,1\nb,2", two},
		{"byte order mark", "\ufeffname,n\na,1\nb,2\n", two},
		{"mark before a quote", "\ufeff\"name\",\"n\"\n\"a\",1\n\"b\",2\n", two},
		{"semicolons", "name;n\na;1\nb;2\n", two},
		{"tabs", "name\tn\na\t1\nb\t2\n", two},
		{"blanks in the header", " name , n\na,1\nb,2\n", two},
		{"separators in quotes count for nothing", "\"name\";n\n\"a\";1\n\"b\";2\n", two},
		{"ndjson", "{\"name\":\"a\",\"n\":1}\n{\"name\":\"b\",\"n\":2}\n", two},
		{"ndjson with a mark, CRLF and empty lines", "\ufeff\r\n{\"name\":\"a\",\"n\":1}\r\n\r\n{\"name\":\"b\",\"n\":2}", two},
		{"indented objects", "{\n  \"name\": \"a\",\n  \"n\": 1\n}\n{ \"name\": \"b\", \"n\": 2 }", two},
		{"array", " [\n{\"name\":\"a\",\"n\":1},{\"name\":\"b\",\"n\":2}]\n", two},
		{"empty array", "[]", ""},
		{"header alone", "name,n\n", ""},
		{"empty cells", "name,n,text\na,,x\n,2,\n", "1 {\"name\":\"a\",\"text\":\"x\"}\n2 {\"n\":2}\n"},
		{"null", "name,n\nnull,null\n", "1 {\"name\":null,\"n\":null}\n"},
		{"null of JSON", `{"name":null,"n":null}`, "1 {\"name\":null,\"n\":null}\n"},
		{"an at is text", "name\n@/etc/passwd\n", "1 {\"name\":\"@/etc/passwd\"}\n"},
		{"quotes", "name,text\n\"say \"\"x\"\", y\",\"\"\n", "1 {\"name\":\"say \\\"x\\\", y\"}\n"},
		{"ends of lines in quotes", "name,n\n\"a\r\nb\nc\",1\n", "1 {\"name\":\"a\\r\\nb\\nc\",\"n\":1}\n"},
		{"numbers as they are written", "name,n\na,1.50\n", "1 {\"name\":\"a\",\"n\":1.50}\n"},
		{"what a rejected row says", "{\"$row\":9,\"$error\":\"no\",\"name\":\"a\"}", "1 {\"name\":\"a\"}\n"},
		{"what a rejected row says, as csv", "$row,$error,name\n9,no,a\n", "1 {\"name\":\"a\"}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, asLines(t, sheet(t, c.text, fieldRules(Create, "")))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRowsRefused(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		name  string
		rules Rules
		text  string
		want  []string
	}{
		{"empty", fieldRules(Create, ""), "", []string{"it is empty"}},
		{"blank", fieldRules(Create, ""), "\n \n", []string{"it is empty"}},
		{"UTF-16", fieldRules(Create, ""), "\xff\xfen\x00a\x00", []string{"this is UTF-16: save it as UTF-8"}},
		{"UTF-16 without a mark", fieldRules(Create, ""), "n\x00a\x00", []string{"this is UTF-16: save it as UTF-8"}},
		{"too many and too few cells", fieldRules(Create, ""), "name,n\na,1,2\nb\n\"c\nd\",1\ne\n", []string{
			"row 1, line 2: it has 3 cells, and the header has 2", "row 2, line 3: it has 1 cells, and the header has 2",
			"row 4, line 6: it has 1 cells, and the header has 2",
		}},
		{"values", fieldRules(Create, ""), "name,n\na,x\nb,2\nc,12.12.2026\n", []string{"row 1, line 2, n: n is a number", "row 3, line 4, n: n is a number"}},
		{"values of JSON", fieldRules(Create, ""), `[{"n":"1"},{"n":2},{"name":"a","n":true}]`, []string{"row 1, n: n is a number", "row 3, n: n is a number"}},
		{"header", fieldRules(Create, ""), "name,,name,nane,ID,n\na,b,c,d,e,f\n", []string{
			"line 1, column 2: it has no name in the header", "line 1, column 3: name is the name of column 1 already",
			"line 1, column 4: there is no field nane", "line 1, column 5: a new object gets its ID from Workfront",
			"row 1, line 2, n: n is a number",
		}},
		{"no ID", fieldRules(Update, ""), "name\na\n", []string{"line 1: the header has no column ID"}},
		{"no key", fieldRules(Upsert, "key"), "name\na\n", []string{"line 1: the header has no column key"}},
		{"fields of JSON", fieldRules(Create, ""), `{"nane":"a","name":"b"}`, []string{"row 1, nane: there is no field nane"}},
		{"doubled members", fieldRules(Create, ""), `{"name":"a","name":"b"}`, []string{"row 1: name stands in it twice"}},
		{"no object", fieldRules(Create, ""), "{\"name\":\"a\"}\n[1]\n", []string{"row 2: it is no JSON object"}},
		{"no row", fieldRules(Create, ""), "{}\n{\"name\":\"a\"}\n", []string{"row 1: it is empty"}},
		{"IDs", fieldRules(Update, ""), "ID,name\nabc,a\n,b\n" + idA + ",c\n" + idA + "0,d\n", []string{
			"row 1, line 2, ID: an ID is 32 hexadecimal digits", "row 2, line 3, ID: the row has no ID", "row 4, line 5, ID: an ID is 32 hexadecimal digits",
		}},
		{"an ID is text", fieldRules(Delete, ""), `{"ID":12}`, []string{"row 1, ID: the row has no ID"}},
		{"doubled IDs", fieldRules(Delete, ""), "ID\n" + idA + "\n" + idB + "\n" + strings.ToUpper(idA) + "\n", []string{"row 3, ID: it is that of row 1"}},
		{"keys", fieldRules(Upsert, "key"), "key,name\nA,a\n,b\nnull,c\n$$NOW,d\na,e\nA,f\nA,g\n", []string{
			"row 2, line 3, key: it is the key, and the row has none", "row 3, line 4, key: it is the key, and the row has none",
			"row 4, line 5, key: a key that begins with $$ is replaced by Workfront",
			"row 6, key: it is that of row 1", "row 7, key: it is that of row 1",
		}},
		{"keys of JSON", fieldRules(Create, "key"), `[{"key":{},"name":"a"},{"name":"b"},{"key":"","n":1},{"key":1,"n":1},{"key":"1","n":1}]`, []string{
			"row 1, key: it is the key: a text or a number", "row 2, key: it is the key, and the row has none",
			"row 3, key: it is the key, and the row has none", "row 5, key: it is that of row 4",
		}},
		{"open quote", fieldRules(Create, ""), "name,n\na,1\n\"b,2\nc,3\n", []string{"row 2, line 3: a quote that is never closed"}},
		{"bare quote", fieldRules(Create, ""), "name,n\na,x\n5\",2\n", []string{
			"row 1, line 2, n: n is a number", "row 2, line 3: " + errBareQuote.Error(),
		}},
		{"text after a quote", fieldRules(Create, ""), "name\n\"a\"b\n", []string{"row 1, line 2: " + errAfter.Error()}},
		{"not UTF-8", fieldRules(Create, ""), "name,n\na,1\nM\xfcller,2\n", []string{"row 2, line 3, name: it is not UTF-8: save the file as UTF-8"}},
		{"header not UTF-8", fieldRules(Create, ""), "M\xfcller,n\na,1\n", []string{"line 1, column 1: it is not UTF-8: save the file as UTF-8"}},
		{"JSON not UTF-8", fieldRules(Create, ""), "{\"n\":1}\n{\"name\":\"M\xfcller\"}", []string{"row 2, line 2: not JSON: invalid UTF-8"}},
		{"cut JSON", fieldRules(Create, ""), "{\"n\":1}\n{\"name\":\"b", []string{"row 2, line 2: not JSON: it ends too early"}},
		{"cut array", fieldRules(Create, ""), `[{"n":1},`, []string{"row 2, line 1: not JSON: it ends too early"}},
		{"more after an array", fieldRules(Create, ""), `[{"n":1}] {}`, []string{"there is more after the end of the array"}},
		{"large rows", fieldRules(Create, ""), "name,text\na,b\nc," + strings.Repeat(big, 100), []string{"row 2, line 3: it is larger than 16 MiB"}},
		{"large rows of JSON", fieldRules(Create, ""), `{"n":1}{"name":"` + strings.Repeat(big, 100) + `"}`, []string{"row 2: it is larger than 16 MiB"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Check(t.Context(), input(t, c.text), c.rules)
			faults, ok := errors.AsType[*Faults](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			var got []string
			for _, f := range faults.Shown {
				got = append(got, f.Error())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// However much is wrong, what is said of it is short.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	text := "key,n\n" + strings.Repeat("A,x\n", 10_000)
	_, err := Check(t.Context(), input(t, text), fieldRules(Upsert, "key"))
	faults, ok := errors.AsType[*Faults](err)
	if !ok || len(faults.Shown) != maxFaults || faults.More != 19_999-maxFaults || faults.Cut {
		t.Fatalf("%d shown, %d more, %v", len(faults.Shown), faults.More, err)
	}
	if want := "row 1, line 2, n: n is a number (and 19998 more)"; err.Error() != want {
		t.Errorf("%q, not %q", err, want)
	}
}

func TestLargeCells(t *testing.T) {
	t.Parallel()
	cell := strings.Repeat("a \"\"quote\"\",\r\n", 80_000) // 1 MB
	s := sheet(t, "name,text\na,\""+cell+"\"\nb,\"\r\n\"\n", fieldRules(Create, ""))
	var got []string
	for row, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		text, _ := plain(row.value("text"))
		got = append(got, text)
	}
	if len(got) != 2 || got[0] != strings.ReplaceAll(cell, `""`, `"`) || got[1] != "\r\n" {
		t.Errorf("%d rows, or other text", len(got))
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "rows.csv")
	if err := os.WriteFile(name, []byte("name\na\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := Open(name)
	if err != nil || in.Spooled {
		t.Fatalf("spooled %v, %v", in.Spooled, err)
	}
	in.Close()
	for _, c := range []struct{ name, want string }{
		{dir, dir + ": it is a folder"}, {name + "x", name + "x: no such file or directory"},
	} {
		if _, err := Open(c.name); err == nil || runtime.GOOS != "windows" && err.Error() != c.want {
			t.Errorf("error %v, not %s", err, c.want)
		}
	}
	if _, err := Spool(io.MultiReader(strings.NewReader("a"), errReader{})); !errors.Is(err, errRead) {
		t.Errorf("a pipe that fails: %v", err)
	}
}

var errRead = errors.New("cannot be read")

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errRead }

// No row is sent that was not checked, and none under another's number.
func TestInputChanges(t *testing.T) {
	t.Parallel()
	const text = "name,n\na,1\nb,2\nc,3\n"
	for _, changed := range []string{
		"name,n\na,1\nx,2\nc,3\n", "name,n\na,1\nb,2\n", text + "d,4\n", "name,n\na,1\nb,x\nc,3\n", "name,text\na,1\nb,2\nc,3\n", "", "name,n\na,1\n\"b,2\nc,3\n",
	} {
		name := filepath.Join(t.TempDir(), "rows.csv")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		in, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Check(t.Context(), in, fieldRules(Create, ""))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		var last error
		for row, err := range s.All(t.Context()) {
			last = err
			if line := string(row.appendObject(nil)); err == nil && !strings.Contains(`{"name":"a","n":1}{"name":"b","n":2}{"name":"c","n":3}`, line) {
				t.Errorf("%q: the row %s", changed, line)
			}
		}
		if !errors.Is(last, ErrChanged) {
			t.Errorf("%q: %v", changed, last)
		}
		in.Close()
	}
}

func TestHashIsOfEveryByte(t *testing.T) {
	t.Parallel()
	hashes := map[string]bool{}
	texts := []string{"[{\"n\":1}]", "[{\"n\":1}] ", "[{\"n\":1}]\n", "n\n1\n", "n\n1\n\n"}
	for _, text := range texts {
		hashes[sheet(t, text, fieldRules(Create, "")).Hash] = true
	}
	if len(hashes) != len(texts) {
		t.Errorf("%d hashes of %d texts", len(hashes), len(texts))
	}
}

// A million rows take the memory of their states, and are read at some speed.
func TestMillionRows(t *testing.T) {
	t.Parallel()
	rows := 100_000
	if os.Getenv("WFAUTH_TEST_FULL") != "" {
		rows = 300_000
	}
	var text bytes.Buffer
	text.WriteString("key,name,n\n")
	for i := range rows {
		fmt.Fprintf(&text, "K%d,\"a name of some length, in quotes\",%d\n", i, i)
	}
	in := input(t, text.String())
	text = bytes.Buffer{}
	s, err := Check(t.Context(), in, fieldRules(Upsert, "key"))
	if err != nil || s.Rows != rows {
		t.Fatalf("%v", err)
	}
	n := 0
	for _, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != rows || cap(s.sums) > 2*rows {
		t.Errorf("%d rows, %d sums", n, cap(s.sums))
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errRead)
	if _, err := Check(ctx, in, fieldRules(Upsert, "key")); !errors.Is(err, errRead) {
		t.Error("a check cannot be interrupted")
	}
}
