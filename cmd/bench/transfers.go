package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// projectID is what the documents belong to. The ID of a document is its size.
const projectID = "58d389be000000deb46805b72b41e3b5"

func documentID(size int64) string { return fmt.Sprintf("%032x", size) }

// transfers are how long a large file takes, there and back, and what memory that takes.
func (b *bench) transfers() error {
	big := filepath.Join(b.dir, "big.bin")
	if err := writeRandom(big, b.size); err != nil {
		return err
	}
	url := fmt.Sprintf("%s/attask/api/v22.0/upload", b.url)
	upload := func(file string) starter { return b.session("docu", "upload", file, "--to", "proj/"+projectID) }
	var runs []contender
	if b.installed("curl") {
		runs = append(runs, contender{"`curl -F`", b.command("curl", "-sf", "-H", "sessionID: "+sessionID, "-F", "uploadedFile=@"+big, url)})
	}
	runs = append(runs, contender{"`wfauth docu upload`", upload(big)})
	rounds := max(b.rounds*3/5, 1)
	if err := b.race(mebibytes(b.size)+" up", rounds, runs); err != nil {
		return err
	}

	there := filepath.Join(b.dir, "back.bin")
	runs = nil
	anew := func(s starter) starter { // a file that is there already costs some systems more than others
		return func(ctx context.Context) *exec.Cmd {
			_ = os.Remove(there) // it may not be there
			return s(ctx)
		}
	}
	download := func(size int64) starter { return anew(b.session("docu", "download", documentID(size), "--out", there)) }
	if b.installed("curl") {
		from := b.url + "/internal/document/download?ID=" + documentID(b.size)
		runs = append(runs, contender{"`curl -o`", anew(b.command("curl", "-sf", "-H", "sessionID: "+sessionID, "-o", there, from))})
	}
	runs = append(runs, contender{"`wfauth docu download`", download(b.size)})
	if err := b.race(mebibytes(b.size)+" down", rounds, runs); err != nil {
		return err
	}

	small := filepath.Join(b.dir, "small.bin")
	if err := writeRandom(small, b.size/16); err != nil {
		return err
	}
	for _, c := range []struct {
		size int64
		file string
	}{{b.size / 16, small}, {b.size, big}} {
		for _, way := range []struct {
			name  string
			start starter
		}{{"upload", upload(c.file)}, {"download", download(c.size)}} {
			peak, err := b.peak(way.start)
			if err != nil {
				return err
			}
			if peak > 0 {
				b.table.add(mebibytes(c.size)+", peak memory", "`wfauth docu "+way.name+"`", fmt.Sprintf("%.1f MiB", float64(peak)/(1<<20)), "")
			}
		}
	}
	return nil
}

// writeRandom makes a file that nothing can shorten.
func writeRandom(path string, size int64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(file, rand.Reader, size); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

func mebibytes(n int64) string { return grouped(int(n>>20)) + " MiB" }

// serveTransfers adds to the page server what an upload and a download ask for.
func serveTransfers(mux *http.ServeMux) {
	mux.HandleFunc("POST /attask/api/v22.0/upload", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // who breaks off gets no answer
		io.WriteString(w, `{"data":{"handle":"h"}}`)
	})
	mux.HandleFunc("POST /attask/api/v22.0/docu", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"data":{"ID":"`+documentID(0)+`"}}`) })
	mux.HandleFunc("GET /attask/api/v22.0/docu", func(w http.ResponseWriter, r *http.Request) {
		id := r.FormValue("id")
		fmt.Fprintf(w, `{"data":{"ID":%q,"name":"big.bin","downloadURL":"/internal/document/download?ID=%s","currentVersion":{"docSize":%d}}}`, id, id, sizeOf(id))
	})
	mux.HandleFunc("GET /attask/api/v22.0/proj", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"data":{"ID":"`+projectID+`"}}`) })
	mux.HandleFunc("GET /internal/document/download", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="big.bin"`)
		http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(zeros{}, 0, sizeOf(r.FormValue("ID"))))
	})
}

func sizeOf(id string) int64 {
	size, _ := strconv.ParseInt(id, 16, 64) // bench asks for no others
	return size
}

// zeros is a file without end that costs nothing to read.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) { return len(p), nil }
