package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// apiRequest puts a request together; nothing of it has been sent when it fails.
func (a *app) apiRequest(ctx context.Context, path string, flags apiFlags) (workfront.Request, error) {
	r := workfront.Request{Method: flags.method, Path: path, Header: http.Header{}}
	stdin := 0
	if flags.fields != "" {
		r.Fields = append(r.Fields, workfront.Field{Key: "fields", Value: flags.fields})
	}
	for _, field := range flags.raw {
		key, value, ok := strings.Cut(field, "=")
		if !ok || key == "" {
			return r, usagef("wfauth api "+path+" -f key=value", "-f %s: key=value is wanted", field)
		}
		r.Fields = append(r.Fields, workfront.Field{Key: key, Value: value})
	}
	for _, field := range flags.files {
		key, value, ok := strings.Cut(field, "=")
		if !ok || key == "" {
			return r, usagef("wfauth api "+path+" -F key=@FILE", "-F %s: key=value, key=@FILE or key=- is wanted", field)
		}
		if name, isFile := strings.CutPrefix(value, "@"); isFile || value == "-" {
			text, err := a.readFile(ctx, name, &stdin)
			if err != nil {
				return r, err
			}
			value = string(text)
		}
		r.Fields = append(r.Fields, workfront.Field{Key: key, Value: value})
	}
	for _, header := range flags.headers {
		key, value, ok := strings.Cut(header, ":")
		if !ok || strings.TrimSpace(key) == "" {
			return r, usagef("wfauth api "+path+" -H 'Accept-Language: de'", "-H %s: 'Name: value' is wanted", header)
		}
		r.Header.Add(strings.TrimSpace(key), strings.TrimSpace(value))
	}
	switch flags.input {
	case "":
	case "-":
		if stdin++; stdin > 1 {
			return r, errStdinTwice
		}
		r.Input = io.NopCloser(terminal.Reader(ctx, a.env.Stdin))
	default:
		file, err := os.Open(flags.input)
		if err == nil {
			var info os.FileInfo
			if info, err = file.Stat(); err == nil && info.IsDir() {
				err = fmt.Errorf("%s is a folder", flags.input)
			}
		}
		if err != nil {
			return r, usagef("wfauth api "+path+" --input FILE", "--input: %v", err)
		}
		r.Input = file
	}
	return r, nil
}

func (a *app) readFile(ctx context.Context, name string, stdin *int) ([]byte, error) {
	if name == "-" {
		if *stdin++; *stdin > 1 {
			return nil, errStdinTwice
		}
		return io.ReadAll(terminal.Reader(ctx, a.env.Stdin))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, usagef("", "-F: %v", err)
	}
	return text, nil
}

var errStdinTwice = &usageError{text: "stdin can be read once only", hint: "wfauth api --help"}
