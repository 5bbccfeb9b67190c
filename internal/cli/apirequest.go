package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// requestBuilder puts a request together from what a command line says and names.
type requestBuilder struct {
	a       *app
	ctx     context.Context
	request workfront.Request
	stdin   bool     // was named
	closing []func() // what was opened for the request
}

// apiRequest puts a request together; nothing of it has been sent when it fails. Done lets its files go.
func (a *app) apiRequest(ctx context.Context, path string, flags apiFlags) (r workfront.Request, done func(), err error) {
	b := &requestBuilder{a: a, ctx: ctx, request: workfront.Request{Method: flags.method, Path: path, Header: http.Header{}}}
	if err := b.build(flags); err != nil {
		b.close()
		return workfront.Request{}, nil, err
	}
	return b.request, b.close, nil
}

func (b *requestBuilder) close() {
	for _, f := range b.closing {
		f()
	}
}

func (b *requestBuilder) build(flags apiFlags) error {
	for _, header := range flags.headers {
		key, value, ok := strings.Cut(header, ":")
		if !ok || strings.TrimSpace(key) == "" {
			return usagef(b.again("-H 'Accept-Language: de'"), "-H %s: 'Name: value' is wanted", withoutSecret(header))
		}
		b.request.Header.Add(strings.TrimSpace(key), strings.TrimSpace(value))
	}
	if err := b.input(flags.input); err != nil {
		return err
	}
	if flags.fields != "" {
		b.add("fields", flags.fields)
	}
	for _, field := range flags.raw {
		if name, isFile := strings.CutPrefix(field, "@"); isFile {
			if err := b.lines(name); err != nil {
				return err
			}
			continue
		}
		key, value, ok := strings.Cut(field, "=")
		if !ok || key == "" {
			return usagef(b.again("-f key=value"), "-f %s: key=value is wanted", withoutSecret(field))
		}
		b.add(key, value)
	}
	for _, field := range flags.files {
		key, value, ok := strings.Cut(field, "=")
		if !ok || key == "" {
			return usagef(b.again("-F key=@FILE"), "-F %s: key=value, key=@FILE or key=- is wanted", withoutSecret(field))
		}
		if err := b.value(key, value); err != nil {
			return err
		}
	}
	return nil
}

// again is the call with an option in its right form.
func (b *requestBuilder) again(option string) string {
	path, _, _ := strings.Cut(b.request.Path, "?") // what follows may be a secret
	return "wfauth api " + typed([]string{path}) + " " + option
}

// withoutSecret is what may be shown of an option that lacks its separator.
func withoutSecret(option string) string {
	if i := strings.IndexAny(option, ":= \t"); i >= 0 && workfront.Credential(option[:i]) {
		return option[:i]
	}
	return option
}

func (b *requestBuilder) add(key, value string) {
	b.request.Fields = append(b.request.Fields, workfront.Field{Key: key, Value: value})
}

// value adds a parameter of -F: the value itself, or what a file holds; for an upload, the file.
func (b *requestBuilder) value(key, value string) error {
	name, isFile := strings.CutPrefix(value, "@")
	switch {
	case !isFile && value != "-":
		b.add(key, value)
		return nil
	case workfront.IsUpload(b.request):
		return b.file(key, name)
	}
	text, err := b.read("-F", name)
	b.add(key, config.Line(text))
	return err
}

// lines adds the parameters that stand in a file, one on a line, as they are copied from Workfront's text mode: with blanks at
// their ends, and with tabs between IDs.
func (b *requestBuilder) lines(name string) error {
	text, err := b.read("-f", name)
	if err != nil {
		return err
	}
	for i, line := range strings.Split(config.Decoded(text), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || key == "" {
			return usagef("", "-f @%s: line %d: key=value is wanted", name, i+1)
		}
		b.add(key, value)
	}
	return nil
}

// read reads a file, or stdin, that is held whole.
func (b *requestBuilder) read(flag, name string) (string, error) {
	if name == "-" {
		in, err := b.fromStdin()
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(in)
		return string(text), err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", usagef("", "%s: %v", flag, err)
	}
	return string(text), nil
}

func (b *requestBuilder) fromStdin() (io.Reader, error) {
	if b.stdin {
		return nil, &usageError{text: "stdin can be read once only", hint: "wfauth api --help"}
	}
	b.stdin = true
	return terminal.Reader(b.ctx, b.a.env.Stdin), nil
}

// open opens a file that is sent; regular says whether its length is known and it can be read more than once.
func (b *requestBuilder) open(flag, name string) (file *os.File, size int64, regular bool, err error) {
	file, err = os.Open(name)
	if err != nil {
		return nil, 0, false, usagef("", "%s: %v", flag, err)
	}
	b.closing = append(b.closing, func() { file.Close() })
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder", name)
	}
	if err != nil {
		return nil, 0, false, usagef("", "%s: %v", flag, err)
	}
	return file, info.Size(), info.Mode().IsRegular(), nil
}

// file adds a file to an upload. What has no length, as a pipe, is kept on disk first.
func (b *requestBuilder) file(key, name string) error {
	f := workfront.File{Key: key, Name: "stdin"}
	var pipe io.Reader
	if name == "-" {
		in, err := b.fromStdin()
		if err != nil {
			return err
		}
		pipe = in
	} else {
		file, size, regular, err := b.open("-F", name)
		if err != nil {
			return err
		}
		f.Name = strings.ToValidUTF8(filepath.Base(name), "_")
		f.Content, f.Size = file, size
		if !regular {
			pipe = terminal.Reader(b.ctx, file)
		}
	}
	if pipe != nil {
		content, size, done, err := workfront.Spool("", pipe)
		if err != nil {
			return fmt.Errorf("keep what is to be sent: %w", err)
		}
		b.closing = append(b.closing, done)
		f.Content, f.Size = content, size
	}
	b.request.Files = append(b.request.Files, f)
	return nil
}
