package ringside.translator.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import ringside.translator.frontend.RegionPlan;

/** A guest may make code faster than it can be translated. */
class TranslationThreadTest {
    @Test
    void plansThatWaitAreBounded() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        TranslationThread t = new TranslationThread(p -> {
            begun.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("ends the thread");
        });
        RegionPlan plan = new RegionPlan(0, 0, 0, List.of(), new int[0], List.of());
        t.submit(plan);
        begun.await();
        int taken = 0;
        while (t.submit(plan)) taken++;
        assertEquals(TranslationThread.MOST, taken);
        assertFalse(t.submit(plan));
        end.countDown();
    }
}
