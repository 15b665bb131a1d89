package storage

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fluxcd/pkg/apis/meta"
)

// Remove deletes one artifact.
func (s *Storage) Remove(artifact meta.Artifact) error {
	return os.Remove(s.LocalPath(artifact))
}

// RemoveAll deletes everything of the object that the artifact belongs to, and says which folder that was, if any.
func (s *Storage) RemoveAll(artifact meta.Artifact) (string, error) {
	folder := filepath.Dir(s.LocalPath(artifact))
	if _, err := os.Stat(folder); os.IsNotExist(err) {
		return "", nil
	}
	return folder, os.RemoveAll(folder)
}

// GarbageCollect deletes what an object stored before this artifact: what is too old, and the oldest of what is too many.
func (s *Storage) GarbageCollect(ctx context.Context, artifact meta.Artifact, timeout time.Duration) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	current := s.LocalPath(artifact)
	earlier, err := others(current)
	if err != nil {
		return nil, err
	}
	var deleted []string
	for place, info := range earlier {
		if place < s.keep-1 && time.Since(info.ModTime()) < s.keepFor {
			continue
		}
		file := filepath.Join(filepath.Dir(current), info.Name())
		if err := ctx.Err(); err != nil {
			return deleted, err
		}
		if err := os.Remove(file); err != nil {
			return deleted, err
		}
		deleted = append(deleted, file)
	}
	return deleted, nil
}

// others are the plain files beside this one, the newest first.
func others(file string) ([]os.FileInfo, error) {
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	var found []os.FileInfo
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && info.Name() != filepath.Base(file) {
			found = append(found, info)
		}
	}
	slices.SortFunc(found, func(a, b os.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	return found, nil
}
