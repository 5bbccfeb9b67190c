package secrets

import (
	"context"
	"slices"
	"sync"
)

// memory keeps values for as long as the process lives.
type memory struct {
	mu     sync.Mutex // guards values
	values map[string][]byte
}

func (m *memory) get(_ context.Context, account string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.values[account]), nil
}

func (m *memory) set(_ context.Context, account string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[account] = slices.Clone(value)
	return nil
}

func (m *memory) delete(_ context.Context, account string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, account)
	return nil
}
