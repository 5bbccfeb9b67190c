package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const (
	sessionID = "00000000000000000000000000000000"
	// redirectURI is where wfauth waits for the browser that bench plays; the server sends it there.
	redirectURI = "http://127.0.0.1:8767/callback"

	maxRows = 2000
)

// startServer runs the page server as a process of its own, so that it neither shares the memory nor the scheduler of what is measured.
func startServer(ctx context.Context) (url string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, "serve")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // its end tells the server to end, also when bench is killed
	if err != nil {
		return "", nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		stdin.Close()
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("start the page server: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}

// serve is the page server: as little of a tenant as the measurements need, and as fast as can be. It ends with its stdin.
func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	body := newPageBody()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /attask/api/v22.0/task/search", body.serve)
	mux.HandleFunc("PUT /attask/api/v22.0/task", update)
	mux.HandleFunc("GET /attask/api/v22.0/", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"data":[]}`) })
	serveTransfers(mux)
	mux.HandleFunc("GET /integrations/oauth2/authorize", func(w http.ResponseWriter, r *http.Request) {
		back := url.Values{"code": {"bench"}, "state": {r.FormValue("state")}}
		http.Redirect(w, r, redirectURI+"?"+back.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /integrations/oauth2/api/v1/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"token_type":"sessionID","access_token":%q,"refresh_token":"bench","expires_in":28800}`, sessionID)
	})
	server := &http.Server{Handler: mux}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		server.Close()
	}()
	fmt.Println("http://" + listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// pageBody is a full page whose rows are equally long, so that only their IDs have to be written for another page.
type pageBody struct {
	template []byte
	ids      []int // where they stand
}

const head = `{"data":[`

func newPageBody() *pageBody {
	p := &pageBody{template: []byte(head)}
	for i := range maxRows {
		p.template = append(p.template, `{"ID":"`...)
		p.ids = append(p.ids, len(p.template))
		p.template = fmt.Appendf(p.template, `%032x","name":"Road works, phase %04d","objCode":"TASK","percentComplete":1%02d.50,`+
			`"plannedCompletionDate":"2027-03-24T17:00:00:000+0400","status":"INP","priority":2,"description":`+
			`"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor \"incididunt\" ut labore et dolore magna aliqua.\n`+
			`Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris.","condition":null,"workRequired":1%06d.00,`+
			`"owner":{"ID":"%032x","name":"Ann Müller","objCode":"USER"},"tags":["a","b"]},`, 0, i, i%100, i*7, i%50)
	}
	return p
}

// serve answers a page of a list of so many rows, after a delay.
func (p *pageBody) serve(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	number := func(name string) int {
		n, _ := strconv.Atoi(query.Get(name)) // bench and wfauth write no others
		return n
	}
	if delay, err := time.ParseDuration(query.Get("delay")); err == nil {
		time.Sleep(delay)
	}
	first := number("$$FIRST")
	n := max(min(number("$$LIMIT"), maxRows, number("rows")-first), 0)
	end := len(head)
	if n > 0 {
		end = len(p.template) - 1
		if n < maxRows {
			end = p.ids[n] - len(`,{"ID":"`)
		}
	}
	body := append(p.template[:end:end], "]}\n"...)
	for i := range n {
		var id [8]byte
		for shift := range id {
			id[7-shift] = byte((first + i) >> (8 * shift))
		}
		hex.Encode(body[p.ids[i]+16:], id[:])
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
