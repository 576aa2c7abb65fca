/*
 * Copyright 2026 The djl-tcnn authors
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package io.github.djltcnn.service;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.models.TensorialModels;
import jakarta.annotation.PreDestroy;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.springframework.stereotype.Component;

/**
 * Predicts. Models stay in memory, the least lately used one goes first; one that is deleted, or
 * has to go, is closed when its last prediction is done. As many predictions as there are cores
 * compute at a time, the rest wait.
 */
@Component
class Predictors {

    private final ModelStore models;
    private final int most;
    private final Semaphore cores = new Semaphore(Runtime.getRuntime().availableProcessors(), true);
    private final Map<Key, Loaded> loaded = new LinkedHashMap<>(16, 0.75f, true);

    Predictors(ModelStore models, ServiceSettings settings) {
        this.models = models;
        most = settings.loadedModels();
    }

    private record Key(String name, boolean compiled) {}

    /** A model in memory, or on its way there. Fields are guarded by the map, the model by this. */
    private static final class Loaded {
        private Model model;
        private Translator<Image, Classifications> translator;
        private int users;
        private boolean dropped;

        private synchronized Model open(ModelStore models, Key key)
                throws IOException, MalformedModelException {
            if (model == null) {
                Model opened = models.load(key.name);
                try {
                    translator =
                            TensorialModels.translator(opened, Image.class, Classifications.class);
                    if (key.compiled) {
                        Compiled.replace(opened);
                    }
                } catch (RuntimeException e) {
                    opened.close();
                    throw e;
                }
                model = opened;
            }
            return model;
        }

        private synchronized void close() {
            if (model != null) {
                model.close();
                model = null;
            }
        }
    }

    /** Predicts the classes of a picture, eagerly or by a compiled model. */
    Classifications predict(String name, boolean compiled, BufferedImage picture)
            throws IOException, MalformedModelException, TranslateException {
        models.checkThere(name);
        Key key = new Key(name, compiled);
        Loaded entry = acquire(key);
        try {
            Model model = entry.open(models, key);
            Image image = ImageFactory.getInstance().fromImage(picture);
            cores.acquireUninterruptibly();
            try (Predictor<Image, Classifications> predictor =
                    model.newPredictor(entry.translator)) {
                return predictor.predict(image);
            } finally {
                cores.release();
            }
        } finally {
            release(entry);
        }
    }

    private Loaded acquire(Key key) {
        List<Loaded> close = new ArrayList<>();
        Loaded entry;
        synchronized (loaded) {
            entry = loaded.computeIfAbsent(key, k -> new Loaded());
            entry.users++;
            List<Key> old = new ArrayList<>(loaded.keySet());
            for (int n = 0; n < old.size() - most; n++) {
                drop(old.get(n), close);
            }
        }
        close.forEach(Loaded::close);
        return entry;
    }

    private void drop(Key key, List<Loaded> close) {
        Loaded entry = loaded.remove(key);
        if (entry != null) {
            entry.dropped = true;
            if (entry.users == 0) {
                close.add(entry);
            }
        }
    }

    private void release(Loaded entry) {
        boolean last;
        synchronized (loaded) {
            entry.users--;
            last = entry.dropped && entry.users == 0;
        }
        if (last) {
            entry.close();
        }
    }

    /** Forgets a model that is deleted. */
    void forget(String name) {
        List<Loaded> close = new ArrayList<>();
        synchronized (loaded) {
            drop(new Key(name, false), close);
            drop(new Key(name, true), close);
        }
        close.forEach(Loaded::close);
    }

    @PreDestroy
    void close() {
        List<Loaded> close = new ArrayList<>();
        synchronized (loaded) {
            for (Key key : List.copyOf(loaded.keySet())) {
                drop(key, close);
            }
        }
        close.forEach(Loaded::close);
    }
}
