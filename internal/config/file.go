package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is config.yaml, checked.
type File struct {
	Default  string
	Profiles []Profile
}

// Lookup finds a profile by its name.
func (f *File) Lookup(name string) (Profile, bool) {
	for _, p := range f.Profiles {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// Error is a configuration that cannot be used: exit status 2. It names the file and, where there is one, the line.
type Error struct {
	Path string
	Line int
	Text string
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Text)
	}
	return fmt.Sprintf("%s: %s", e.Path, e.Text)
}

// profileKeys are the settings of a profile in the order in which they are written.
var profileKeys = [...]string{"name", "host", "flow", "client_id", "redirect_uri", "storage", "api_version", "customer_id", "user_id", "key_file", "redirect_cert", "redirect_key", "no_pkce", "ims_url", "ims_org", "scopes"}

func (p *Profile) fields() [len(profileKeys)]*string {
	host := p.Host.String()
	return [...]*string{&p.Name, &host, &p.Flow, &p.ClientID, &p.RedirectURI, &p.Storage, &p.APIVersion, &p.CustomerID, &p.UserID, &p.KeyFile, &p.RedirectCert, &p.RedirectKey, &p.NoPKCE, &p.IMSURL, &p.IMSOrg, &p.Scopes}
}

// filePath is config.yaml in the config folder.
func filePath(dir string) string { return filepath.Join(dir, "config.yaml") }

// ReadFile reads and checks config.yaml in dir; a file that is not there is an empty one.
func ReadFile(dir string) (*File, error) {
	if dir == "" {
		return &File{}, nil
	}
	d, err := readDocument(dir)
	if err != nil {
		return nil, err
	}
	return d.decode()
}

// document is config.yaml as a tree, so that a change keeps a person's comments and order.
type document struct {
	path string
	top  *yaml.Node // the document: what stands before the first key and after the last is kept too
	root *yaml.Node // its mapping
}

func readDocument(dir string) (*document, error) {
	path := filePath(dir)
	d := &document{path: path, root: &yaml.Node{Kind: yaml.MappingNode}}
	d.top = &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{d.root}}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, &Error{Path: path, Text: pathReason(err)}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var top yaml.Node
	switch err := dec.Decode(&top); {
	case errors.Is(err, io.EOF):
		return d, nil
	case err != nil:
		return nil, d.syntaxError(err)
	}
	var second yaml.Node
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, &Error{Path: path, Line: second.Line, Text: "only one YAML document can stand in it"}
	}
	root := top.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		d.top.HeadComment = top.HeadComment + root.HeadComment
		return d, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, &Error{Path: path, Line: root.Line, Text: "not a list of settings (`default:` and `profiles:`)"}
	}
	d.top, d.root = &top, root
	return d, nil
}

// syntaxError takes line and reason out of yaml's own error, which has the form "yaml: line 3: reason".
func (d *document) syntaxError(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if n, scanErr := fmt.Sscanf(text, "line %d: ", &line); scanErr == nil && n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	text, _, _ = strings.Cut(text, "\n")
	return &Error{Path: d.path, Line: line, Text: "not YAML: " + text}
}

func (d *document) bad(n *yaml.Node, format string, args ...any) error {
	return &Error{Path: d.path, Line: n.Line, Text: fmt.Sprintf(format, args...)}
}

func (d *document) decode() (*File, error) {
	f := &File{}
	for key, value := range pairs(d.root) {
		switch key.Value {
		case "default":
			if value.Kind != yaml.ScalarNode {
				return nil, d.bad(value, "default: the name of a profile is wanted")
			}
			f.Default = value.Value
		case "profiles":
			if value.Kind == yaml.ScalarNode && value.Tag == "!!null" {
				continue
			}
			if value.Kind != yaml.SequenceNode {
				return nil, d.bad(value, "profiles: a list is wanted (`- name: …`)")
			}
			for _, item := range value.Content {
				p, err := d.decodeProfile(item)
				if err != nil {
					return nil, err
				}
				if _, twice := f.Lookup(p.Name); twice {
					return nil, d.bad(item, "profile %s stands here a second time", p.Name)
				}
				f.Profiles = append(f.Profiles, p)
			}
		default:
			return nil, d.bad(key, "unknown key %q (known are default and profiles)", key.Value)
		}
	}
	if f.Default != "" {
		if err := CheckName(f.Default); err != nil {
			return nil, &Error{Path: d.path, Text: "default: " + err.Error()}
		}
	}
	return f, nil
}

func (d *document) decodeProfile(item *yaml.Node) (Profile, error) {
	var p Profile
	if item.Kind != yaml.MappingNode {
		return p, d.bad(item, "profiles: each is a mapping that begins with `name:`")
	}
	seen := map[string]bool{}
	for key, value := range pairs(item) {
		at := -1
		for i, known := range profileKeys {
			if known == key.Value {
				at = i
			}
		}
		switch {
		case at < 0:
			return p, d.bad(key, "unknown key %q in a profile (known are %s)", key.Value, strings.Join(profileKeys[:], ", "))
		case seen[key.Value]:
			return p, d.bad(key, "key %q stands here a second time", key.Value)
		case value.Kind != yaml.ScalarNode:
			return p, d.bad(value, "%s: one value is wanted", key.Value)
		}
		seen[key.Value] = true
		text := value.Value
		if value.Tag == "!!null" {
			text = ""
		}
		if err := p.set(key.Value, p.fields()[at], text); err != nil {
			return p, d.bad(value, "%v", err)
		}
	}
	switch {
	case p.Name == "":
		return p, d.bad(item, "a profile has no name")
	case p.Host.IsZero():
		return p, d.bad(item, "profile %s has no host", p.Name)
	}
	return p, nil
}

// set checks a profile's value and keeps it. Flags, variables and the file all come through here.
func (p *Profile) set(key string, field *string, text string) error {
	text = Plain(text)
	*field = text
	var err error
	switch key {
	case "name":
		err = CheckName(text)
	case "host":
		p.Host, err = ParseHost(text)
	case "flow":
		err = checkFlow(text)
	case "storage":
		err = CheckStorage(text)
	case "api_version":
		*field, err = apiVersion(text)
	case "no_pkce":
		err = checkNoPKCE(field)
	case "ims_url":
		*field, err = imsURL(text)
	case "ims_org":
		err = CheckIMSOrg(text)
	case "scopes":
		*field, err = scopes(text)
	}
	return err
}

// pairs walks a mapping's keys and values.
func pairs(m *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(m.Content); i += 2 {
			if !yield(m.Content[i], m.Content[i+1]) {
				return
			}
		}
	}
}

// pathReason is why a file could not be used, without its name again.
func pathReason(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}
