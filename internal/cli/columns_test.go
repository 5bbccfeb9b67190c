package cli

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Rows whose columns are named reach their reader while the list is still being read: the last page comes only once the
// first has been seen.
func TestNamedColumnsReachTheReader(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"task/search", "--fields", "ID,nothing"}, {"task/search", "-f", "fields=ID,nothing"}, {"task/search?fields=ID,nothing"},
		{"task/search?fields=ID", "-f", `fields=["nothing"]`},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			seen := make(chan struct{})
			url := numbered(t, 9, 4, func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-seen:
				case <-r.Context().Done():
				}
				if r.FormValue("$$FIRST") == "4" {
					io.WriteString(w, `{"data":[{"ID":"00000004"}]}`)
				} else {
					io.WriteString(w, `{"data":[]}`)
				}
			})
			read, write := io.Pipe()
			var reader sync.WaitGroup
			var rest []byte
			reader.Go(func() {
				first := make([]byte, len("ID,nothing\r\n00000000,\r\n"))
				if _, err := io.ReadFull(read, first); err != nil || string(first) != "ID,nothing\r\n00000000,\r\n" {
					t.Errorf("first comes %q, %v", first, err)
				}
				close(seen)
				rest, _ = io.ReadAll(read)
			})
			args := append(slices.Clone(args), "--paginate", "--page-size", "3", "-o", "csv")
			status, stderr := runAPI(t.Context(), t, url, write, args...)
			write.Close()
			reader.Wait()
			if status != 0 || stderr != "" || string(rest) != "00000001,\r\n00000002,\r\n00000003,\r\n00000004,\r\n" {
				t.Errorf("exit status %d, %q, then %q", status, stderr, rest)
			}
		})
	}
}

// A field that first appears on a late page is a column, where not all of them are named.
func TestColumnsOfLaterPages(t *testing.T) {
	t.Parallel()
	url := numberedBy(t, 40, 0, nil, func(i int) string {
		switch {
		case i < 30:
			return fmt.Sprintf(`{"ID":"%08d","name":"n","parameterValues":{}}`, i)
		case i < 39:
			return fmt.Sprintf(`{"ID":"%08d","name":"n","parameterValues":{"DE:Region":"EMEA %d"}}`, i, i)
		}
		return fmt.Sprintf(`{"ID":"%08d","name":"n","owner":{"name":"Ann"}}`, i)
	})
	for fields, want := range map[string][]string{
		"":                            {"ID", "name", "parameterValues:DE:Region", "owner:name"},
		"name,parameterValues:*":      {"name", "parameterValues:DE:Region"},
		"parameterValues:*,nobody,ID": {"parameterValues:DE:Region", "nobody", "ID"},
	} {
		for _, args := range [][]string{{"task/search", "--fields", fields}, {"task/search", "-f", "fields=" + fields}, {"task/search?fields=" + fields}} {
			var out bytes.Buffer
			status, stderr := runAPI(t.Context(), t, url, &out, append(args, "--paginate", "--page-size", "7", "-o", "csv")...)
			rows, err := csv.NewReader(&out).ReadAll()
			if status != 0 || stderr != "" || err != nil || len(rows) != 41 {
				t.Fatalf("%q: exit status %d, %q, %d rows, %v", args, status, stderr, len(rows), err)
			}
			region := slices.Index(rows[0], "parameterValues:DE:Region")
			if !slices.Equal(rows[0], want) || rows[1][region] != "" || rows[31][region] != "EMEA 30" {
				t.Errorf("%q: columns %q, cells %q and %q", args, rows[0], rows[1], rows[31])
			}
		}
	}
}

// A file that is replaced as a whole is not replaced by a part.
func TestPartOfAListIsNoFile(t *testing.T) {
	t.Parallel()
	refuse := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `{"error":{"message":"You do not have sufficient access"}}`)
	}
	for _, format := range []string{"json", "ndjson", "csv"} {
		path := filepath.Join(t.TempDir(), "rows")
		if err := os.WriteFile(path, []byte("as it was"), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		url := numbered(t, 1000, 20, refuse)
		status, stderr := runAPI(t.Context(), t, url, &out, "task/search", "--paginate", "--page-size", "3", "-o", format, "--out", path)
		if want := "wfauth: Workfront refused: You do not have sufficient access (status 403)\n"; status != 3 || stderr != want || out.Len() > 0 {
			t.Errorf("%s: exit status %d, %q, %q", format, status, stderr, out.String())
		}
		text, err := os.ReadFile(path)
		entries, _ := os.ReadDir(filepath.Dir(path))
		if string(text) != "as it was" || err != nil || len(entries) != 1 {
			t.Errorf("%s: %q, %v, %d files", format, text, err, len(entries))
		}
	}
}

// A download is saved byte for byte, whatever it holds.
func TestDownloadIntoAFile(t *testing.T) {
	t.Parallel()
	body := []byte("\x00\xff\"2017-03-08T17:00:00:000+0400\"\r\n")
	answer := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="a.json"`)
		w.Write(body)
	}
	path := filepath.Join(t.TempDir(), "a.json")
	var out bytes.Buffer
	status, stderr := runAPI(t.Context(), t, numbered(t, 0, 0, answer), &out, "/internal/document/download?ID=1", "--out", path, "--dates", "iso")
	got, err := os.ReadFile(path)
	if status != 0 || stderr != "" || out.Len() > 0 || !bytes.Equal(got, body) || err != nil {
		t.Errorf("exit status %d, %q, %q, %q, %v", status, stderr, out.String(), got, err)
	}
}
